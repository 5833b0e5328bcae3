import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Release } from './guard.js';
import { digestPattern, type ImageName } from './overlay.js';
import { digestOf, mediaTypes, type Content, type Repository } from './registry.js';
import {
  isAttestation,
  isIndex,
  labelNames,
  manifestsOf,
  platforms,
  readImage,
  requireLabels,
  verifyImage,
  type Descriptor,
  type Platform,
  type Stated,
} from './released-image.js';

/** The file in which a build job says which digest it pushed. Each job has its own: outputs of a matrix overwrite each other. */
export function digestFile(image: ImageName, platform: Platform): string {
  return `${image}-${platform.replace('/', '-')}`;
}

/** An image as it will be under its version, or is already. */
export type PlannedImage = {
  digest: string;
  /** Whether `publish` has anything to do. */
  isNew: boolean;
  publish: () => Promise<void>;
};

/**
 * Looks at everything that an image's version is going to be: one index over what was pushed for each platform. Publishes
 * nothing yet, so that of two images none is when one of them cannot be. A version that is there already is kept, so that a
 * release which failed half way can be run again; it is refused when it was made of another commit.
 */
export async function planImage(
  repository: Repository,
  image: ImageName,
  release: Release,
  folder: string,
): Promise<PlannedImage> {
  const stated = { title: image, version: release.version, revision: release.revision };
  const present = await repository.manifest(release.version);
  if (present !== undefined) {
    await verifyImage(repository, present.digest, stated);
    return { digest: present.digest, isNew: false, publish: () => Promise.resolve() };
  }
  const parts: Descriptor[] = [];
  for (const platform of platforms) parts.push(...(await partsFor(repository, { stated, platform, folder })));
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: parts,
    annotations: {
      [labelNames.version]: release.version,
      [labelNames.revision]: release.revision,
      'org.opencontainers.image.created': release.createdAt,
    },
  };
  const bytes = Buffer.from(JSON.stringify(index));
  const digest = digestOf(bytes);
  return {
    digest,
    isNew: true,
    publish: async () => {
      await repository.putManifest(release.version, mediaTypes.index, bytes);
      await verifyImage(repository, digest, stated);
    },
  };
}

type Part = { stated: Stated; platform: Platform; folder: string };

/** What was pushed for one platform: the image, and what BuildKit says about it. */
async function partsFor(repository: Repository, part: Part): Promise<Descriptor[]> {
  const digest = await pushedDigest(part);
  const pushed = await repository.manifest(digest);
  if (pushed === undefined)
    throw new Error(
      `${repository.name} has no ${digest}, though it was built for ${part.platform}. Run the build job again.`,
    );
  const descriptors = isIndex(pushed) ? manifestsOf(pushed) : [await describe(repository, pushed)];
  const images = descriptors.filter((descriptor) => !isAttestation(descriptor));
  if (images.length !== 1)
    throw new Error(`${repository.name}@${digest} holds ${images.length} images; a build job pushes one.`);
  for (const { digest: one } of images) {
    const manifest = await repository.manifest(one);
    if (manifest === undefined) throw new Error(`${repository.name}@${digest} lacks ${one}.`);
    const { platform, labels } = await readImage(repository, manifest);
    if (platform !== part.platform)
      throw new Error(`${repository.name}@${digest} is for ${platform} and was built for ${part.platform}.`);
    requireLabels(`${repository.name}@${digest} (${platform})`, labels, part.stated);
  }
  return descriptors;
}

async function describe(repository: Repository, manifest: Content): Promise<Descriptor> {
  const [os = '', architecture = ''] = (await readImage(repository, manifest)).platform.split('/');
  const { mediaType, digest, bytes } = manifest;
  return { mediaType, digest, size: bytes.length, platform: { os, architecture } };
}

async function pushedDigest({ stated: { title: image }, platform, folder }: Part): Promise<string> {
  const file = join(folder, digestFile(image, platform));
  const text = await readFile(file, 'utf8').catch(() => '');
  if (digestPattern.test(text.trim())) return text.trim();
  throw new Error(
    `${file} has no digest: ${image} was not built for ${platform}. Run the build job that failed again.`,
  );
}
