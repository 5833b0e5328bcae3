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

/** An image that was built, as a file in OCI's format. */
export type BuiltImage = {
  service: ImageService;
  /** Where it is to be published: with the tag of its version. */
  image: string;
  version: string;
  revision: string;
  /** Of its manifest, as a registry says it. */
  digest: string;
  archive: string;
};

export type ImagesToBuild = {
  root: string;
  services: readonly ImageService[];
  platform?: string | undefined;
  /** Where the files go, and `images.json`, which lists them. */
  folder: string;
  /** Lets images that were made here stand in for base images whose registry is out of reach. */
  standIns: boolean;
};

/** Builds images with docker's buildx, or with podman where there is no docker, and resolves to what was built. */
export async function buildShippedImages(wanted: ImagesToBuild): Promise<BuiltImage[]> {
  await mkdir(wanted.folder, { recursive: true });
  const built = await withBuilds(wanted, async (builds) =>
    (await hasBuildx()) && !wanted.standIns
      ? buildWithDocker(builds, wanted)
      : buildWithPodman(builds, wanted),
  );
  await writeFile(join(wanted.folder, 'images.json'), `${JSON.stringify(built, undefined, 2)}\n`);
  return built;
}

/** The builds of some services, for as long as `use` needs them: they hold what packages are fetched with. */
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

/** A docker whose daemon answers, with buildx. */
async function hasBuildx(): Promise<boolean> {
  const asks = [['buildx', 'version'], ['info']];
  return Promise.all(asks.map((args) => runProgram('docker', args, { timeoutMs: 10_000 }))).then(
    () => true,
    () => false,
  );
}

async function buildWithDocker(
  builds: readonly ImageBuild[],
  { root, folder }: ImagesToBuild,
): Promise<BuiltImage[]> {
  const built: BuiltImage[] = [];
  for (const build of builds) {
    const archive = join(folder, `${build.service}.tar`);
    const code = await runInForeground('docker', buildxArguments(build, archive), { cwd: root });
    if (code !== 0) throw new Error(`docker ended with code ${code}`);
    built.push(await describe(build, archive));
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
    throw new Error(`an image for ${foreign} is built with docker's buildx, which does not answer here.`);
  const podman = await openPodman();
  await requireBaseImages(podman, root, standIns);
  const built: BuiltImage[] = [];
  for (const build of builds) {
    await buildImage(podman, build, root);
    const archive = join(folder, `${build.service}.tar`);
    await saveImage(podman, imageReference(build), archive);
    built.push(await describe(build, archive));
  }
  return built;
}

/** Makes sure that podman has what the Dockerfile begins with; resolves to a line on each. */
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
  // The stages that nothing is shipped of, and what had the name before: half a gigabyte each time.
  await podman.run(['image', 'prune', '--force']);
}

/** Writes an image of podman's store to a file, in which its layers are as they are published. */
export async function saveImage(podman: Podman, reference: string, archive: string): Promise<void> {
  // What is there would be added to.
  await rm(archive, { force: true });
  await podman.run(['push', '--quiet', reference, `oci-archive:${archive}:${reference}`]);
}

async function describe({ service, origin }: ImageBuild, archive: string): Promise<BuiltImage> {
  const { version, revision } = origin;
  return {
    ...{ service, image: `${imageName(service)}:${version}`, version, revision },
    ...{ digest: await digestIn(archive), archive },
  };
}

/** The digest of the one image in an archive in OCI's format. */
export async function digestIn(archive: string): Promise<string> {
  const index = await runProgram('tar', ['--extract', '--to-stdout', '--file', archive, 'index.json']);
  const { manifests } = JSON.parse(index) as { manifests: { digest: string }[] };
  if (manifests[0] === undefined || manifests.length > 1)
    throw new Error(`${archive} holds ${manifests.length} images`);
  return manifests[0].digest;
}

/** How large the layers of an image are as they are published, the base's first. */
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
