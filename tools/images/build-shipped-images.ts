import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInForeground } from '../programs/run-in-foreground.js';
import { currentPlatform } from '../programs/platform.js';
import { progressOn } from '../programs/progress.js';
import { runProgram } from '../programs/run-program.js';
import { readBaseImages } from './base-images.js';
import { buildxArguments, imageReference, podmanBuildArguments, type ImageBuild } from './build-image.js';
import { npmSettings } from './npm-settings.js';
import { openPodman, type Podman } from './podman.js';
import { imageName, originOf, type ImageService } from './shipped-images.js';
import { requireBaseImage } from './stand-ins.js';

/** An image that was built into an OCI archive. */
export type BuiltImage = {
  service: ImageService;
  /** The name it is published under, with the version as its tag. */
  image: string;
  version: string;
  revision: string;
  /** The digest of its manifest, as in a registry. */
  digest: string;
  archive: string;
};

export type ImagesToBuild = {
  root: string;
  services: readonly ImageService[];
  platform?: string | undefined;
  /** Receives the archives, and `images.json`, which lists them. */
  folder: string;
  /** Whether locally made stand-ins may replace base images whose registry is unreachable. */
  standIns: boolean;
};

/** Builds images with docker's buildx, or with podman if docker does not answer. Resolves to the images. */
export async function buildShippedImages(images: ImagesToBuild): Promise<BuiltImage[]> {
  await mkdir(images.folder, { recursive: true });
  const built = await withBuilds(images, async (builds) =>
    (await hasBuildx()) && !images.standIns
      ? buildWithDocker(builds, images)
      : buildWithPodman(builds, images),
  );
  await writeFile(join(images.folder, 'images.json'), `${JSON.stringify(built, undefined, 2)}\n`);
  return built;
}

/** Calls `use` with the builds of some services. The npm settings they refer to are deleted afterwards. */
export async function withBuilds<T>(
  { root, services, platform }: Pick<ImagesToBuild, 'root' | 'services' | 'platform'>,
  use: (builds: ImageBuild[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-build-'));
  try {
    const settings = join(folder, 'npmrc');
    await writeFile(settings, await npmSettings(), { mode: 0o600 });
    const origin = await originOf(root);
    return await use(services.map((service) => ({ service, origin, platform, npmSettings: settings })));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether docker has buildx and its daemon answers. */
async function hasBuildx(): Promise<boolean> {
  const checks = [['buildx', 'version'], ['info']];
  return Promise.all(checks.map((args) => runProgram('docker', args, { timeoutMs: 10_000 }))).then(
    () => true,
    () => false,
  );
}

/** The builder that is made where docker's own cannot write archives. */
const ownBuilder = 'unity-purchase';

/**
 * The name of a builder that can write OCI archives, or undefined if the current one can. Docker's own can if it keeps images in
 * containerd's store (https://docs.docker.com/build/exporters/oci-docker/). Otherwise one in a container is made, once.
 */
export async function builderOfArchives(read: typeof runProgram = runProgram): Promise<string | undefined> {
  const current = await read('docker', ['buildx', 'inspect']);
  if (!/^Driver:\s+docker$/m.test(current)) return undefined;
  const store = await read('docker', ['info', '--format', '{{.DriverStatus}}']);
  if (store.includes('io.containerd.snapshotter')) return undefined;
  const names = await read('docker', ['buildx', 'ls', '--format', '{{.Name}}']);
  if (!names.split('\n').includes(ownBuilder))
    await read('docker', ['buildx', 'create', '--name', ownBuilder, '--driver', 'docker-container']);
  return ownBuilder;
}

async function buildWithDocker(
  builds: readonly ImageBuild[],
  { root, folder }: ImagesToBuild,
): Promise<BuiltImage[]> {
  const built: BuiltImage[] = [];
  const builder = await builderOfArchives();
  for (const build of builds) {
    const archive = join(folder, `${build.service}.tar`);
    const code = await runInForeground('docker', buildxArguments(build, archive, builder), { cwd: root });
    if (code !== 0) throw new Error(`docker ended with code ${code}`);
    built.push(await describeImage(build, archive));
  }
  return built;
}

async function buildWithPodman(
  builds: readonly ImageBuild[],
  { root, folder, standIns }: ImagesToBuild,
): Promise<BuiltImage[]> {
  const { os, arch } = currentPlatform();
  const foreign = builds.find(({ platform = `${os}/${arch}` }) => platform !== `${os}/${arch}`)?.platform;
  if (foreign !== undefined)
    throw new Error(
      `Building an image for ${foreign} requires docker with buildx, which does not answer. Start docker.`,
    );
  const podman = await openPodman();
  await requireBaseImages(podman, root, standIns);
  const built: BuiltImage[] = [];
  for (const build of builds) {
    await buildImage(podman, build, root);
    const archive = join(folder, `${build.service}.tar`);
    await saveImage(podman, imageReference(build), archive);
    built.push(await describeImage(build, archive));
  }
  return built;
}

/** Makes sure that podman has the base images of the Dockerfile. Resolves to one line about each. */
export async function requireBaseImages(podman: Podman, root: string, standIns: boolean): Promise<string[]> {
  const lines: string[] = [];
  for (const image of await readBaseImages(root)) {
    const origin = await requireBaseImage(podman, image, standIns);
    lines.push(`${image.name}: ${origin}`);
  }
  return lines;
}

/** Builds an image into podman's store. */
export async function buildImage(podman: Podman, build: ImageBuild, root: string): Promise<void> {
  await progressOn(process.stderr).during(`Building ${imageReference(build)}`, () =>
    podman.run(podmanBuildArguments(build), { cwd: root }),
  );
  // Removes the intermediate stages and the previous image of this name, half a gigabyte per build, also those that containers
  // of a killed build still use.
  await podman.run(['image', 'prune', '--force', '--external']);
}

/** Writes an image from podman's store to an OCI archive. The layers are the same as in a registry. */
export async function saveImage(podman: Podman, reference: string, archive: string): Promise<void> {
  // podman would add to an existing archive.
  await rm(archive, { force: true });
  await podman.run(['push', '--quiet', reference, `oci-archive:${archive}:${reference}`]);
}

async function describeImage({ service, origin }: ImageBuild, archive: string): Promise<BuiltImage> {
  const { version, revision } = origin;
  return {
    service,
    image: `${imageName(service)}:${version}`,
    version,
    revision,
    digest: await digestIn(archive),
    archive,
  };
}

/** The digest of the image in an OCI archive. Rejects unless it contains exactly one image. */
export async function digestIn(archive: string): Promise<string> {
  const index = await runProgram('tar', ['--extract', '--to-stdout', '--file', archive, 'index.json']);
  const { manifests } = JSON.parse(index) as { manifests: { digest: string }[] };
  if (manifests[0] === undefined || manifests.length > 1)
    throw new Error(`${archive} contains ${manifests.length} images; exactly one was expected`);
  return manifests[0].digest;
}

/** The compressed sizes of an image's layers in bytes, starting with the base image's. */
export async function layersIn(archive: string): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-image-'));
  try {
    await runProgram('tar', ['--extract', '--file', archive, '--directory', folder]);
    const [, digest = ''] = (await digestIn(archive)).split(':');
    const manifest = await readFile(join(folder, 'blobs/sha256', digest), 'utf8');
    const { layers } = JSON.parse(manifest) as { layers: { size: number }[] };
    return layers.map(({ size }) => size);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
