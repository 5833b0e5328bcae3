import { digestOf, mediaTypes, openRepository } from '../../tools/release/registry.js';

export type HandMadeImage = { platform: string; labels: Readonly<Record<string, string>> };

/**
 * Pushes an image by its digest, without a tag, as a build job does: one layer, a configuration, and an index that also
 * contains an attestation like BuildKit's. Resolves to the digest of the index.
 */
export async function pushByDigest(repository: string, image: HandMadeImage): Promise<string> {
  const blobs: Buffer[] = [];
  const add = (content: object): { digest: string; size: number } => {
    const bytes = Buffer.from(JSON.stringify(content));
    blobs.push(bytes);
    return { digest: digestOf(bytes), size: bytes.length };
  };
  const layer = add({});
  const addManifest = (config: object): { mediaType: string; digest: string; size: number } => ({
    mediaType: mediaTypes.manifest,
    ...add({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...add(config) },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
    }),
  });
  const [os, architecture] = image.platform.split('/');
  const manifest = addManifest({
    os,
    architecture,
    config: { Labels: image.labels },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const unknown = { os: 'unknown', architecture: 'unknown' };
  const attestation = addManifest({ ...unknown, of: manifest.digest });
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [
      { ...manifest, platform: { os, architecture } },
      {
        ...attestation,
        annotations: {
          'vnd.docker.reference.digest': manifest.digest,
          'vnd.docker.reference.type': 'attestation-manifest',
        },
        platform: unknown,
      },
    ],
  };
  const bytes = Buffer.from(JSON.stringify(index));
  return openRepository(repository).pushIndex(digestOf(bytes), bytes, blobs);
}
