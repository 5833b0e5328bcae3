import { readFile, writeFile } from 'node:fs/promises';
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
import { imagesFile, readImages, type Digests } from '../../../tools/release/deployed-images.js';
import { installationFile, readInstallation } from '../../../tools/release/installation.js';
import { archiveOf, cachedProgramImage, type ArchivedImage } from './archived-image.js';
import { programImages } from './program-images.js';
import { plainServerNames, type PlainImages } from './server-images.js';

/** The tag of the services' images in the overlay `ci`. */
const serviceTag = 'ci';

/** The folder of the services' images, with the list that `npm run cluster` keeps. */
export const serviceFolder = 'services';

/** The images of the services in two versions: this checkout, and one whose events have one more field. */
export type Releases = Record<'current' | 'next', { version: string; digests: Digests }>;

export type ClusterImages = { archives: readonly ArchivedImage[]; releases: Releases };

/** Makes every image that the cluster runs, in files in `folder`. */
export async function makeClusterImages(folder: string): Promise<ClusterImages> {
  const podman = await openPodman();
  const images: ArchivedImage[] = [];
  for (const image of await programImages(await plainImages(), await daprTag()))
    images.push(await cachedProgramImage(podman, image));
  const services = await serviceImages(podman, folder);
  return { archives: [...images, ...services.archives], releases: services.releases };
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

type Workload = Manifest & { spec: { template: { spec: { containers: { image: string }[] } } } };

async function plainImages(): Promise<PlainImages> {
  const images = plainServerNames.map(async (name) => [name, await plainImage(name)] as const);
  return Object.fromEntries(await Promise.all(images)) as PlainImages;
}

/** The image of a plain server, as its StatefulSet or Deployment names it. */
async function plainImage(server: string): Promise<string> {
  const file = `${server === 'jaeger' ? 'deployment' : 'statefulset'}.yaml`;
  const [workload] = manifestsIn(
    await readFile(join(manifests, 'plain-servers', server, file), 'utf8'),
  ) as Workload[];
  const image = workload?.spec.template.spec.containers[0]?.image;
  if (image === undefined) throw new Error(`the plain server ${server} has no ${file}`);
  return image;
}

/** Both services' images, built as for a release, and those of the next version. */
async function serviceImages(podman: Podman, folder: string): Promise<ClusterImages> {
  const deployed = readImages(
    await readFile(join(projectRoot, imagesFile), 'utf8'),
    readInstallation(await readFile(join(projectRoot, installationFile), 'utf8')),
  );
  const built = await buildShippedImages({
    root: projectRoot,
    services: imageServices,
    folder: join(folder, serviceFolder),
    standIns: true,
  });
  const archives: ArchivedImage[] = [];
  const digests = { current: new Map<string, string>(), next: new Map<string, string>() };
  const { version } = deployed.storefront;
  const versions = { current: version, next: nextMinor(version) };
  for (const { service, image } of built) {
    const { repository } = deployed[service];
    const images = { current: image, next: await withAnotherField(podman, image, folder) };
    for (const kind of ['current', 'next'] as const) {
      const digest = (await podman.run(['image', 'inspect', '--format', '{{.Digest}}', images[kind]])).trim();
      digests[kind].set(service, digest);
      const released = [`${repository}:${versions[kind]}`, `${repository}@${digest}`] as const;
      const names =
        kind === 'current' ? ([`localhost/${service}:${serviceTag}`, ...released] as const) : released;
      archives.push(await archiveOf(podman, images[kind], names, folder));
    }
  }
  const release = (kind: 'current' | 'next') => ({
    version: versions[kind],
    digests: Object.fromEntries(digests[kind]) as Digests,
  });
  return { archives, releases: { current: release('current'), next: release('next') } };
}

function nextMinor(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return `${String(major)}.${String(minor + 1)}.0`;
}

/** What builds the event of a purchase, in the images. */
const eventModule = '/app/packages/contracts/dist/purchase-placed.js';

/** Makes an image of the same service, as a later version could be: its events have one more optional field. */
async function withAnotherField(podman: Podman, image: string, folder: string): Promise<string> {
  const container = (await podman.run(['create', image])).trim();
  try {
    const file = join(folder, 'purchase-placed.js');
    await podman.run(['cp', `${container}:${eventModule}`, file]);
    const text = await readFile(file, 'utf8');
    const changed = text.replace('data: purchase,', "data: { ...purchase, channel: 'web' },");
    if (changed === text) throw new Error(`${eventModule} builds events in another way`);
    await writeFile(file, changed);
    await podman.run(['cp', file, `${container}:${eventModule}`]);
    return (await podman.run(['commit', '--quiet', container])).trim();
  } finally {
    await podman.run(['rm', container]);
  }
}
