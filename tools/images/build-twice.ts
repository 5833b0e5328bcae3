import { join } from 'node:path';
import { projectRoot } from '../project-root.js';
import { readBaseImages } from './base-images.js';
import { imageReference } from './build-image.js';
import {
  buildImage,
  digestIn,
  layersIn,
  requireBaseImages,
  saveImage,
  withBuilds,
} from './build-shipped-images.js';
import type { Podman } from './podman.js';
import { imageServices, type ImageOrigin, type ImageService } from './shipped-images.js';

/** Images that were built twice to check that builds are reproducible. */
export type BuiltTwice = {
  origin: ImageOrigin;
  /** The base image of the Dockerfile's last stage. */
  bareImage: string;
  /** One line for each base image and its origin. */
  baseImages: string[];
  images: Record<ImageService, TwiceBuilt>;
};

export type TwiceBuilt = {
  reference: string;
  /** The digests of the first and of the second build. */
  digests: string[];
  /** The compressed sizes of the layers in bytes, starting with the base image's. */
  layerBytes: number[];
};

/** Builds every image twice in podman's store, without a cache. `folder` receives the archives that are compared. */
export async function buildTwice(podman: Podman, folder: string): Promise<BuiltTwice> {
  const baseImages = await requireBaseImages(podman, projectRoot, true);
  return withBuilds({ root: projectRoot, services: imageServices }, async (builds) => {
    const built: [ImageService, TwiceBuilt][] = [];
    for (const build of builds) {
      const reference = imageReference(build);
      const archive = join(folder, `${build.service}.tar`);
      const digests: string[] = [];
      for (const _ of ['first', 'second']) {
        await buildImage(podman, build, projectRoot);
        await saveImage(podman, reference, archive);
        digests.push(await digestIn(archive));
      }
      built.push([build.service, { reference, digests, layerBytes: await layersIn(archive) }]);
    }
    const [first] = builds;
    if (first === undefined) throw new Error('no services to build');
    return {
      origin: first.origin,
      bareImage: (await readBaseImages(projectRoot)).at(-1)?.name ?? '',
      baseImages,
      images: Object.fromEntries(built) as Record<ImageService, TwiceBuilt>,
    };
  });
}
