import { digestOf, mediaTypes } from '../../tools/release/registry.js';

export type HandMadeImage = { platform: string; labels: Readonly<Record<string, string>> };

/**
 * Pushes an image by its digest alone, without a tag, as a build job does: one empty layer, a configuration, and, in an index
 * beside the image, what BuildKit says of how it was made. Resolves to the digest.
 */
export async function pushByDigest(repository: string, image: HandMadeImage): Promise<string> {
  const [os, architecture] = image.platform.split('/');
  const push = async (bytes: Buffer): Promise<{ digest: string; size: number }> => {
    const digest = digestOf(bytes);
    const started = await requireOk(await fetch(urlOf(repository, '/blobs/uploads/'), { method: 'POST' }));
    const place = new URL(started.headers.get('location') ?? '', urlOf(repository, ''));
    place.searchParams.set('digest', digest);
    await requireOk(await fetch(place, { method: 'PUT', body: new Uint8Array(bytes) }));
    return { digest, size: bytes.length };
  };
  const put = async (mediaType: string, content: object): Promise<{ digest: string; size: number }> => {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
    const digest = digestOf(bytes);
    await requireOk(
      await fetch(urlOf(repository, `/manifests/${digest}`), {
        method: 'PUT',
        headers: { 'content-type': mediaType },
        body: new Uint8Array(bytes),
      }),
    );
    return { digest, size: bytes.length };
  };
  const configOf = (content: object) => push(Buffer.from(JSON.stringify(content)));
  const layer = await push(Buffer.from('{}'));
  const manifestOf = async (config: { digest: string; size: number }) =>
    put(mediaTypes.manifest, {
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
    });
  const made = await manifestOf(
    await configOf({
      os,
      architecture,
      config: { Labels: image.labels },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
  );
  const attestation = await manifestOf(
    await configOf({ os: 'unknown', architecture: 'unknown', of: made.digest }),
  );
  const index = await put(mediaTypes.index, {
    manifests: [
      { mediaType: mediaTypes.manifest, ...made, platform: { os, architecture } },
      {
        mediaType: mediaTypes.manifest,
        ...attestation,
        annotations: {
          'vnd.docker.reference.digest': made.digest,
          'vnd.docker.reference.type': 'attestation-manifest',
        },
        platform: { os: 'unknown', architecture: 'unknown' },
      },
    ],
  });
  return index.digest;
}

function urlOf(repository: string, path: string): string {
  const [host = '', ...name] = repository.split('/');
  return `http://${host}/v2/${name.join('/')}${path}`;
}

async function requireOk(answer: Response): Promise<Response> {
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
  return answer;
}
