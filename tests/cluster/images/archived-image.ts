import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
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
  /** Files and folders of this machine, by their paths in the image. */
  files: Readonly<Record<string, string>>;
  /** Debian packages that are unpacked into it. */
  packages?: PackageSet;
  /** Users that its programs must have a name for. */
  users?: readonly number[];
  /** Symbolic links, by their paths in the image. */
  links?: Readonly<Record<string, string>>;
  environment?: Readonly<Record<string, string>>;
};

/** The user of the images, unless a pod says otherwise. */
const user = '65532';

/** Makes an image of one layer. */
export async function makeProgramImage(
  podman: Podman,
  { names, entrypoint, files, packages, users = [], links = {}, environment = {} }: ProgramImage,
  folder: string,
): Promise<ArchivedImage> {
  const work = await mkdtemp(join(folder, 'image-'));
  try {
    const tree = join(work, 'tree');
    for (const part of ['tmp', 'etc']) await mkdir(join(tree, part), { recursive: true });
    await chmod(join(tree, 'tmp'), 0o1777);
    if (packages !== undefined) await unpackDebianPackages(packages, tree);
    for (const [path, file] of Object.entries(files)) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await cp(file, join(tree, path), { recursive: true, verbatimSymlinks: true });
    }
    const accounts = users.map((id) => `user-${String(id)}:x:${String(id)}:${String(id)}::/tmp:/bin/sh\n`);
    await writeFile(join(tree, 'etc', 'passwd'), accounts.join(''));
    for (const [path, target] of Object.entries(links)) await symlink(target, join(tree, path));
    const layer = join(work, 'layer.tar');
    // Other users than the one of this machine run them.
    await runProgram('tar', ['--create', '--file', layer, '--mode', 'a+rX', '--directory', tree, '.']);
    const variables = Object.entries({ PATH: '/usr/bin:/bin', ...environment });
    const changes = [
      `ENTRYPOINT ${JSON.stringify(entrypoint)}`,
      `USER ${user}`,
      ...variables.map(([name, value]) => `ENV ${name}=${value}`),
    ];
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
