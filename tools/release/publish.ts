import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Release } from './guard.js';
import { digestPattern, type ImageName } from './deployed-images.js';
import { digestOf, mediaTypes, type Manifest, type Repository } from './registry.js';
import {
  isAttestation,
  isIndex,
  labelNames,
  manifestsOf,
  platforms,
  readImage,
  requireLabels,
  requireManifest,
  verifyImage,
  type Descriptor,
  type ExpectedLabels,
  type Platform,
} from './released-image.js';

/**
 * The name of the file in which a build job records the digest it pushed. Each job has its own file, because the outputs of
 * matrix jobs overwrite each other.
 */
export function digestFile(image: ImageName, platform: Platform): string {
  return `${image}-${platform.replace('/', '-')}`;
}

/** An image that is ready to be published under its version, or already is. */
export type PlannedImage = {
  digest: string;
  /** Whether `publish` has something to do. */
  isNew: boolean;
  publish: () => Promise<void>;
};

/**
 * Checks all parts of an image and prepares one index over all platforms, without publishing it. So neither of two images is
 * published when one of them is incomplete. A version that exists already is kept, so that a failed release can be run
 * again. Rejects if that version was built from another commit.
 */
export async function planImage(
  repository: Repository,
  image: ImageName,
  release: Release,
  folder: string,
): Promise<PlannedImage> {
  const expected = { title: image, version: release.version, revision: release.revision };
  const present = await repository.manifest(release.version);
  if (present !== undefined) {
    await verifyImage(repository, present.digest, expected);
    return { digest: present.digest, isNew: false, publish: () => Promise.resolve() };
  }
  const parts: Part[] = [];
  for (const platform of platforms)
    parts.push(...(await partsFor(repository, { expected, platform, folder })));
  const content = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: parts.map(({ descriptor }) => descriptor),
    annotations: {
      [labelNames.version]: release.version,
      [labelNames.revision]: release.revision,
      'org.opencontainers.image.created': release.createdAt,
    },
  };
  const index = Buffer.from(JSON.stringify(content));
  const manifests = parts.map(({ manifest }) => manifest.bytes);
  const digest = digestOf(index);
  return {
    digest,
    isNew: true,
    publish: async () => {
      await repository.pushIndex(release.version, index, manifests);
      await verifyImage(repository, digest, expected);
    },
  };
}

/** A manifest of the index that is prepared: an image for one platform, or BuildKit's description of its build. */
type Part = { descriptor: Descriptor; manifest: Manifest };

type Build = { expected: ExpectedLabels; platform: Platform; folder: string };

/** Reads and checks what a build job pushed for one platform. */
async function partsFor(repository: Repository, build: Build): Promise<Part[]> {
  const digest = await pushedDigest(build);
  const pushed = await repository.manifest(digest);
  if (pushed === undefined)
    throw new Error(
      `${repository.name} has no ${digest}, which was recorded for ${build.platform}. Run the build job again.`,
    );
  const descriptors = isIndex(pushed) ? manifestsOf(pushed) : [await describeManifest(repository, pushed)];
  const images = descriptors.filter((descriptor) => !isAttestation(descriptor));
  if (images.length !== 1)
    throw new Error(
      `${repository.name}@${digest} contains ${images.length} images; a build job must push exactly one.`,
    );
  for (const image of images) {
    const { platform, labels } = await readImage(repository, image.digest);
    if (platform !== build.platform)
      throw new Error(
        `${repository.name}@${digest} is for ${platform}, but was recorded for ${build.platform}.`,
      );
    requireLabels(`${repository.name}@${digest} (${platform})`, labels, build.expected);
  }
  const parts: Part[] = [];
  for (const descriptor of descriptors)
    parts.push({ descriptor, manifest: await requireManifest(repository, descriptor.digest) });
  return parts;
}

async function describeManifest(repository: Repository, manifest: Manifest): Promise<Descriptor> {
  const { mediaType, digest, bytes } = manifest;
  const [os = '', architecture = ''] = (await readImage(repository, digest)).platform.split('/');
  return { mediaType, digest, size: bytes.length, platform: { os, architecture } };
}

async function pushedDigest({ expected: { title: image }, platform, folder }: Build): Promise<string> {
  const file = join(folder, digestFile(image, platform));
  const text = await readFile(file, 'utf8').catch(() => '');
  if (digestPattern.test(text.trim())) return text.trim();
  throw new Error(
    `${file} contains no digest: ${image} was not built for ${platform}. Run the failed build job again.`,
  );
}
