import { z } from 'zod';
import { digestPattern, type ImageName } from './overlay.js';
import { mediaTypes, type Content, type Repository } from './registry.js';

/** Every image is built for these: what is missing would be found out by a node that cannot start it. */
export const platforms = ['linux/amd64', 'linux/arm64'] as const;
export type Platform = (typeof platforms)[number];

const digestSchema = z.string().regex(digestPattern);

const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest: digestSchema,
  size: z.number(),
  platform: z.looseObject({ os: z.string(), architecture: z.string() }).optional(),
});
export type Descriptor = z.infer<typeof descriptorSchema>;

const indexSchema = z.looseObject({ manifests: z.array(descriptorSchema) });
const manifestSchema = z.looseObject({ config: z.looseObject({ digest: digestSchema }) });
const configSchema = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

/** The labels by which an image says what it is, as the OCI names them. */
export const labelNames = {
  title: 'org.opencontainers.image.title',
  version: 'org.opencontainers.image.version',
  revision: 'org.opencontainers.image.revision',
} as const;

export function isIndex({ mediaType }: Pick<Content, 'mediaType'>): boolean {
  return mediaType === mediaTypes.index || mediaType === mediaTypes.dockerList;
}

/** What an index holds. */
export function manifestsOf(index: Content): Descriptor[] {
  return indexSchema.parse(JSON.parse(index.bytes.toString())).manifests;
}

/** What BuildKit puts beside an image to say how it was made has no platform of its own. */
export function isAttestation({ platform }: Descriptor): boolean {
  return platform?.os === 'unknown';
}

/** What an image for one platform says of itself. */
export async function readImage(
  repository: Repository,
  manifest: Content,
): Promise<{ platform: string; labels: Readonly<Record<string, string>> }> {
  const { config } = manifestSchema.parse(JSON.parse(manifest.bytes.toString()));
  const stated = configSchema.parse(JSON.parse((await repository.blob(config.digest)).toString()));
  return { platform: `${stated.os}/${stated.architecture}`, labels: stated.config?.Labels ?? {} };
}

/** What an image must say of itself: which one it is, its version, and the commit it was made of. */
export type Stated = { title: ImageName; version: string; revision: string };

/** Rejects unless an image says just that. */
export function requireLabels(
  where: string,
  labels: Readonly<Record<string, string>>,
  expected: Stated,
): void {
  for (const field of ['title', 'version', 'revision'] as const) {
    const stated = labels[labelNames[field]];
    if (stated !== expected[field])
      throw new Error(
        `${where} says ${field} ${stated ?? 'nothing'}, and ${expected[field]} was expected: it was not made of this release. ` +
          'A released version never changes: release a new one.',
      );
  }
}

/**
 * Rejects unless what a digest names is in the registry, whole, for every platform, and made of this release. Resolves to
 * the platforms.
 */
export async function verifyImage(
  repository: Repository,
  digest: string,
  expected: Stated,
): Promise<string[]> {
  const index = await repository.manifest(digest);
  if (index === undefined)
    throw new Error(
      `${repository.name} has no ${digest}. Run the jobs that failed again: what is there already is kept.`,
    );
  const found: string[] = [];
  for (const descriptor of isIndex(index) ? manifestsOf(index) : []) {
    const manifest = await repository.manifest(descriptor.digest);
    if (manifest === undefined) throw new Error(`${repository.name}@${digest} lacks ${descriptor.digest}.`);
    if (isAttestation(descriptor)) continue;
    const { platform, labels } = await readImage(repository, manifest);
    requireLabels(`${repository.name}@${digest} (${platform})`, labels, expected);
    found.push(platform);
  }
  if (found.sort().join() !== platforms.join())
    throw new Error(
      `${repository.name}@${digest} is for ${found.join(', ') || 'no platform'}; it must be for ${platforms.join(', ')}.`,
    );
  return found;
}
