import { z } from 'zod';
import { digestPattern, type ImageName } from './deployed-images.js';
import { mediaTypes, type Manifest, type Repository } from './registry.js';

/** The platforms of every image. A node of a missing one could not start it. */
export const platforms = ['linux/amd64', 'linux/arm64'] as const;
export type Platform = (typeof platforms)[number];

const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest: z.string().regex(digestPattern),
  size: z.number(),
  platform: z.looseObject({ os: z.string(), architecture: z.string() }).optional(),
});
/** An entry of an index: the digest of a manifest, and its platform. */
export type Descriptor = z.infer<typeof descriptorSchema>;

const indexSchema = z.looseObject({ manifests: z.array(descriptorSchema) });
const configSchema = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

/** The labels that describe an image, with the names that the OCI defines. */
export const labelNames = {
  title: 'org.opencontainers.image.title',
  version: 'org.opencontainers.image.version',
  revision: 'org.opencontainers.image.revision',
} as const;

export function isIndex({ mediaType }: Manifest): boolean {
  return mediaType === mediaTypes.index || mediaType === mediaTypes.dockerList;
}

/** The entries of an index. */
export function manifestsOf(index: Manifest): Descriptor[] {
  return indexSchema.parse(JSON.parse(index.bytes.toString())).manifests;
}

/** Whether an entry of an index is BuildKit's description of a build. Its platform is "unknown". */
export function isAttestation({ platform }: Descriptor): boolean {
  return platform?.os === 'unknown';
}

/** Reads the platform and the labels of an image for one platform. Rejects if the registry does not have it. */
export async function readImage(
  repository: Repository,
  digest: string,
): Promise<{ platform: string; labels: Readonly<Record<string, string>> }> {
  const config = await repository.imageConfig(digest);
  if (config === undefined) throw new Error(`${repository.name} lacks ${digest}. Run the build job again.`);
  const { os, architecture, config: settings } = configSchema.parse(config);
  return { platform: `${os}/${architecture}`, labels: settings?.Labels ?? {} };
}

/** The labels that an image of a release must have. */
export type ExpectedLabels = { title: ImageName; version: string; revision: string };

/** Throws unless an image has the expected labels. `image` names it in the error. */
export function requireLabels(
  image: string,
  labels: Readonly<Record<string, string>>,
  expected: ExpectedLabels,
): void {
  for (const field of ['title', 'version', 'revision'] as const) {
    const label = labels[labelNames[field]];
    if (label !== expected[field])
      throw new Error(
        `${image} has the ${field} ${label ?? '(none)'}, but this release requires ${expected[field]}: it was built from ` +
          'something else. A released version never changes. Release a new version.',
      );
  }
}

/**
 * Verifies that the registry has an image of this release, completely and for every platform. Resolves to the platforms, and
 * rejects with what is missing or wrong.
 */
export async function verifyImage(
  repository: Repository,
  digest: string,
  expected: ExpectedLabels,
): Promise<string[]> {
  const index = await repository.manifest(digest);
  if (index === undefined)
    throw new Error(
      `${repository.name} has no ${digest}. Run the failed jobs again. They keep what is already in the registry.`,
    );
  const found: string[] = [];
  for (const descriptor of isIndex(index) ? manifestsOf(index) : []) {
    if (isAttestation(descriptor)) {
      await requireManifest(repository, descriptor.digest);
      continue;
    }
    const { platform, labels } = await readImage(repository, descriptor.digest);
    requireLabels(`${repository.name}@${digest} (${platform})`, labels, expected);
    found.push(platform);
  }
  if (found.sort().join() !== platforms.join())
    throw new Error(
      `${repository.name}@${digest} is for ${found.join(', ') || 'no platform'}; it must be for ${platforms.join(', ')}. ` +
        'Run the failed build jobs again.',
    );
  return found;
}

/** Reads a manifest that an index lists. Rejects if the registry does not have it. */
export async function requireManifest(repository: Repository, digest: string): Promise<Manifest> {
  const manifest = await repository.manifest(digest);
  if (manifest === undefined) throw new Error(`${repository.name} lacks ${digest}. Run the build job again.`);
  return manifest;
}
