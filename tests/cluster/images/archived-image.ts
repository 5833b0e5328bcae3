import { chmod, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runProgram, unpackDebianPackages, type PackageSet, type Podman } from '@unity-purchase/tools';

/** An image in a file that containerd can import. */
export type ArchivedImage = {
  archive: string;
  /** Its names, as pods write them. The first is the one in the archive. */
  names: readonly [string, ...string[]];
};

/** An image that is made of programs of this machine, because its registry cannot be reached. */
export type ProgramImage = {
  names: readonly [string, ...string[]];
  entrypoint: readonly string[];
  /** Programs, by their paths in the image. */
  programs: Readonly<Record<string, string>>;
  /** Debian packages that are unpacked into it. */
  packages?: PackageSet;
};

/** The user of the images, unless a pod says otherwise. */
const user = '65532';

/** Makes an image of one layer. */
export async function makeProgramImage(
  podman: Podman,
  { names, entrypoint, programs, packages }: ProgramImage,
  folder: string,
): Promise<ArchivedImage> {
  const work = await mkdtemp(join(folder, 'image-'));
  try {
    const tree = join(work, 'tree');
    for (const part of ['tmp', 'etc']) await mkdir(join(tree, part), { recursive: true });
    await chmod(join(tree, 'tmp'), 0o1777);
    if (packages !== undefined) await unpackDebianPackages(packages, tree);
    for (const [path, program] of Object.entries(programs)) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await copyFile(program, join(tree, path));
    }
    const layer = join(work, 'layer.tar');
    await runProgram('tar', ['--create', '--file', layer, '--directory', tree, '.']);
    const changes = [`ENTRYPOINT ${JSON.stringify(entrypoint)}`, `USER ${user}`, 'ENV PATH=/usr/bin:/bin'];
    await podman.run([
      ...['import', '--quiet', ...changes.flatMap((change) => ['--change', change])],
      ...[layer, names[0]],
    ]);
    return await archiveOf(podman, names[0], names, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Writes an image of podman into a file, under other names. */
export async function archiveOf(
  podman: Podman,
  image: string,
  names: ArchivedImage['names'],
  folder: string,
): Promise<ArchivedImage> {
  const archive = join(folder, `${names[0].replaceAll(/[^a-z0-9.]+/g, '-')}.tar`);
  await rm(archive, { force: true });
  await podman.run(['push', '--quiet', image, `docker-archive:${archive}:${names[0]}`]);
  return { archive, names };
}
