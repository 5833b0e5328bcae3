import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { errorText } from '../programs/error-text.js';
import { obtainCrane } from '../programs/registry.js';
import { runProgram } from '../programs/run-program.js';

/** A user of a registry. Without one, only public images can be read. */
export type Credentials = { user: string; password: string };

/** A manifest or an index of a registry. */
export type Manifest = { digest: string; mediaType: string; bytes: Buffer };

/** One repository of an image registry. */
export type Repository = {
  /** `ghcr.io/owner/name` */
  name: string;
  /** Reads a manifest or an index by tag or digest. Resolves to undefined if there is none. */
  manifest: (reference: string) => Promise<Manifest | undefined>;
  /** Reads the configuration of the image with this digest. Resolves to undefined if there is no such image. */
  imageConfig: (digest: string) => Promise<unknown>;
  /**
   * Pushes an index under a tag or its digest, and what it refers to unless that is in the registry. `blobs` must contain
   * the manifests that the index lists, and the configuration and layers of those that are not in the registry yet.
   * Resolves to the digest of the index.
   */
  pushIndex: (reference: string, index: Buffer, blobs: readonly Buffer[]) => Promise<string>;
};

export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
} as const;

/** crane retries for a few seconds. A registry that does not answer must not block a release until its job is cancelled. */
const timeoutMs = 120_000;

const notFound = /\b(?:MANIFEST_UNKNOWN|NAME_UNKNOWN|NOT_FOUND)\b|unexpected status code 404\b/;
const notAllowed = /\b(?:UNAUTHORIZED|DENIED)\b|unexpected status code 40[13]\b/;

const manifestSchema = z.looseObject({ mediaType: z.string().optional(), manifests: z.unknown().optional() });

/** The digest of a manifest or blob: `sha256:` and its SHA-256 in hexadecimal. */
export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * Opens `ghcr.io/owner/name` with crane, which checks that the content of a digest has that digest. All methods reject with
 * an explanation if the registry does not answer or refuses the request.
 */
export function openRepository(name: string, credentials?: Credentials): Repository {
  const [host = ''] = name.split('/');
  const crane = (...args: string[]): Promise<string> =>
    inTemporaryFolder(async (folder) => {
      // crane reads credentials from a file only: a command line would be visible to other users of this machine.
      const login = credentials && {
        [host]: { auth: base64(`${credentials.user}:${credentials.password}`) },
      };
      await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: login ?? {} }), { mode: 0o600 });
      const env = { ...process.env, DOCKER_CONFIG: folder };
      return runProgram(await obtainCrane(), args, { env, timeoutMs });
    });
  const read = (command: string, reference: string): Promise<string | undefined> =>
    crane(command, referenceIn(name, reference)).catch((error: unknown) => {
      if (notFound.test(errorText(error))) return undefined;
      throw explained(error, `${name}: could not read ${reference}`);
    });

  return {
    name,
    manifest: async (reference) => {
      const text = await read('manifest', reference);
      if (text === undefined) return undefined;
      const bytes = Buffer.from(text);
      const { mediaType, manifests } = manifestSchema.parse(JSON.parse(text));
      const implied = manifests === undefined ? mediaTypes.manifest : mediaTypes.index;
      return { digest: digestOf(bytes), mediaType: mediaType ?? implied, bytes };
    },
    imageConfig: async (digest) => {
      const text = await read('config', digest);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    pushIndex: (reference, index, blobs) =>
      inTemporaryFolder(async (folder) => {
        await writeImageLayout(folder, index, blobs);
        await crane('push', folder, referenceIn(name, reference)).catch((error: unknown) => {
          throw explained(error, `${name}: could not publish ${reference}`);
        });
        return digestOf(index);
      }),
  };
}

/** Writes an index and its blobs as an OCI image layout, the directory format that crane pushes. */
async function writeImageLayout(folder: string, index: Buffer, blobs: readonly Buffer[]): Promise<void> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  for (const blob of [index, ...blobs])
    await writeFile(join(folder, 'blobs', digestOf(blob).replace(':', '/')), blob);
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const root = { mediaType: mediaTypes.index, digest: digestOf(index), size: index.length };
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [root] }));
}

function referenceIn(repository: string, reference: string): string {
  return `${repository}${reference.startsWith('sha256:') ? '@' : ':'}${reference}`;
}

/** Says what failed, why, and what to do. crane writes the reason in a line that begins with `Error: `. */
function explained(error: unknown, what: string): Error {
  const text = errorText(error);
  const reason = /^Error: (.*)$/m.exec(text)?.[1] ?? text;
  const advice = notAllowed.test(reason)
    ? 'Set REGISTRY_USER and REGISTRY_TOKEN to a user who is allowed to do this.'
    : 'Run this step again when the registry answers. If it fails again, check the registry.';
  return new Error(`${what} (${reason}). ${advice}`, { cause: error });
}

async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-registry-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
