import { createHash } from 'node:crypto';
import { z } from 'zod';
import { errorText } from '../programs/error-text.js';

/** Whom a registry is told to be asked by. Without it only what is public can be read. */
export type Credentials = { user: string; password: string };

export type Content = { digest: string; mediaType: string; bytes: Buffer };

/** One repository of an OCI registry, by its HTTP API. */
export type Repository = {
  name: string;
  /** A manifest or an index, by tag or digest; undefined where there is none. What comes under a digest has this digest. */
  manifest: (reference: string) => Promise<Content | undefined>;
  /** A blob by its digest. */
  blob: (digest: string) => Promise<Buffer>;
  /** Puts a manifest or an index under a tag, and resolves to its digest. */
  putManifest: (tag: string, mediaType: string, bytes: Buffer) => Promise<string>;
};

export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
} as const;

/** A registry that does not answer must not hold a release until its job is cancelled. */
const requestTimeoutMs = 60_000;

const ofThisMachine = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * Opens `ghcr.io/owner/name`. Over HTTPS, but for a registry on this machine, as everything that speaks to registries has it.
 */
export function openRepository(repository: string, credentials?: Credentials): Repository {
  const [host = '', ...path] = repository.split('/');
  const base = `${ofThisMachine.test(host) ? 'http' : 'https'}://${host}/v2/${path.join('/')}`;
  let authorization: string | undefined;

  const ask = async (place: string, init: RequestInit = {}): Promise<Response> => {
    const once = (): Promise<Response> => request(`${base}${place}`, init, authorization);
    const answer = await once();
    if (answer.status !== 401) return answer;
    authorization = await authorize(answer.headers.get('www-authenticate') ?? '', credentials);
    return once();
  };
  const failure = async (what: string, answer: Response): Promise<Error> =>
    new Error(
      `${repository}: ${what} was answered with ${answer.status} (${(await answer.text()).slice(0, 300).trim()}). ` +
        hintFor(answer.status),
    );

  return {
    name: repository,
    manifest: async (reference) => {
      const accept = Object.values(mediaTypes).join(', ');
      const answer = await ask(`/manifests/${encodeURIComponent(reference)}`, { headers: { accept } });
      if (answer.status === 404) return undefined;
      if (!answer.ok) throw await failure(`reading ${reference}`, answer);
      const bytes = Buffer.from(await answer.arrayBuffer());
      requireDigest(repository, reference, bytes);
      return { digest: digestOf(bytes), mediaType: answer.headers.get('content-type') ?? '', bytes };
    },
    blob: async (digest) => {
      const answer = await ask(`/blobs/${digest}`);
      if (!answer.ok) throw await failure(`reading ${digest}`, answer);
      const bytes = Buffer.from(await answer.arrayBuffer());
      requireDigest(repository, digest, bytes);
      return bytes;
    },
    putManifest: async (tag, mediaType, bytes) => {
      const headers = { 'content-type': mediaType };
      const answer = await ask(`/manifests/${encodeURIComponent(tag)}`, {
        method: 'PUT',
        headers,
        body: new Uint8Array(bytes),
      });
      if (!answer.ok) throw await failure(`publishing ${tag}`, answer);
      return digestOf(bytes);
    },
  };
}

async function request(url: string, init: RequestInit, authorization?: string): Promise<Response> {
  const headers = new Headers(init.headers);
  if (authorization !== undefined) headers.set('authorization', authorization);
  try {
    return await fetch(url, { ...init, headers, signal: AbortSignal.timeout(requestTimeoutMs) });
  } catch (error) {
    throw new Error(
      `${new URL(url).host} could not be asked (${errorText(error)}). Run this step again when it answers.`,
      { cause: error },
    );
  }
}

/** Nobody between here and the registry can pass something else off for what was asked for. */
function requireDigest(repository: string, reference: string, bytes: Buffer): void {
  if (reference.startsWith('sha256:') && digestOf(bytes) !== reference)
    throw new Error(
      `${repository} answered for ${reference} with something else (${digestOf(bytes)}). Do not use it.`,
    );
}

const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** Proves who asks in the way that the registry wants: by password, or by a token that its own service gives for one. */
async function authorize(challenge: string, credentials?: Credentials): Promise<string | undefined> {
  const basic =
    credentials && `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
  if (!/^bearer /i.test(challenge)) return basic;
  const parameters = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  );
  const service = new URL(parameters['realm'] ?? '');
  for (const key of ['service', 'scope'])
    if (parameters[key] !== undefined) service.searchParams.set(key, parameters[key]);
  const answer = await request(service.href, {}, basic);
  if (!answer.ok) return undefined;
  const { token, access_token: other } = tokenSchema.parse(await answer.json());
  const given = token ?? other;
  return given === undefined ? undefined : `Bearer ${given}`;
}

function hintFor(status: number): string {
  if (status === 401 || status === 403)
    return 'REGISTRY_USER and REGISTRY_TOKEN must name somebody who may do this.';
  return 'Run this step again; if it stays so, look at the registry.';
}
