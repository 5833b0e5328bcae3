import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  buildShippedImages,
  imageServices,
  openPodman,
  projectRoot,
  type Podman,
} from '@unity-purchase/tools';
import { parse } from 'yaml';
import { z } from 'zod';
import { daprChartFolder } from '../../kubernetes/infrastructure/helm.js';
import { readPieces } from '../../kubernetes/infrastructure/pieces.js';
import { manifests, manifestsIn, type Manifest } from '../../kubernetes/rendering/render.js';
import { archiveOf, makeProgramImage, type ArchivedImage } from './archived-image.js';
import { programImages } from './program-images.js';

/** The tag of the services' images in the overlay `ci`. */
const serviceTag = 'ci';

/** Makes every image that the cluster runs, in files in `folder`. */
export async function makeClusterImages(folder: string): Promise<ArchivedImage[]> {
  const podman = await openPodman();
  const images: ArchivedImage[] = [];
  for (const image of await programImages({
    nats: await plainImage('nats'),
    redis: await plainImage('redis'),
    dapr: await daprTag(),
  }))
    images.push(await makeProgramImage(podman, image, folder));
  return [...images, ...(await serviceImages(podman, folder))];
}

/** The tag of Dapr's images in the chart of its module. Only a published chart names its version. */
async function daprTag(): Promise<string> {
  const values = await readFile(join(await daprChartFolder(await daprVersion()), 'values.yaml'), 'utf8');
  return z.object({ global: z.object({ tag: z.string() }) }).parse(parse(values)).global.tag;
}

/** The version of Dapr's chart. */
export async function daprVersion(): Promise<string> {
  const version = (await readPieces()).find(({ name }) => name === 'dapr')?.version;
  if (version === undefined) throw new Error('charts.yaml has no version of Dapr');
  return version;
}

type StatefulSet = Manifest & { spec: { template: { spec: { containers: { image: string }[] } } } };

/** The image of a plain server, as its StatefulSet names it. */
async function plainImage(server: string): Promise<string> {
  const [set] = manifestsIn(
    await readFile(join(manifests, 'plain-servers', server, 'statefulset.yaml'), 'utf8'),
  ) as StatefulSet[];
  const image = set?.spec.template.spec.containers[0]?.image;
  if (image === undefined) throw new Error(`the plain server ${server} has no StatefulSet`);
  return image;
}

/** Both services' images, built as for a release. */
async function serviceImages(podman: Podman, folder: string): Promise<ArchivedImage[]> {
  const built = await buildShippedImages({
    root: projectRoot,
    services: imageServices,
    folder: join(folder, 'services'),
    standIns: true,
  });
  const images: ArchivedImage[] = [];
  for (const { service, image } of built)
    images.push(await archiveOf(podman, image, [`localhost/${service}:${serviceTag}`], folder));
  return images;
}
