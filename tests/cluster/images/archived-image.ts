import { createHash } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  defaultCacheRoot,
  installFolder,
  runProgram,
  unpackDebianPackages,
  type PackageSet,
  type Podman,
} from '@unity-purchase/tools';

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

/** Makes an image of one layer, unless the cache has one of the same content. */
export async function cachedProgramImage(podman: Podman, image: ProgramImage): Promise<ArchivedImage> {
  const contents = await Promise.all(
    Object.entries(image.files).map(async ([path, file]) => [path, await contentOf(file)]),
  );
  const recipe = JSON.stringify([image, contents]);
  const name = createHash('sha256').update(recipe).digest('hex').slice(0, 16);
  const folder = await installFolder(defaultCacheRoot(), join('cluster-images', name), async (empty) => {
    await makeProgramImage(podman, image, empty);
  });
  const [archive, ...others] = await readdir(folder);
  if (archive === undefined || others.length > 0) throw new Error(`${folder} has not exactly one archive`);
  return { archive: join(folder, archive), names: image.names };
}

/** What tells one content from another: of a file, its digest, and of a folder, the sizes and times of its files. */
async function contentOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  if ((await stat(path)).isFile()) await pipeline(createReadStream(path), hash);
  else
    for (const entry of (await readdir(path, { recursive: true, withFileTypes: true })).sort(byPath)) {
      const { size, mtimeMs } = await lstat(join(entry.parentPath, entry.name));
      hash.update(JSON.stringify([relative(path, entry.parentPath), entry.name, size, mtimeMs]));
    }
  return hash.digest('hex');
}

function byPath(one: Dirent, other: Dirent): number {
  return join(one.parentPath, one.name) < join(other.parentPath, other.name) ? -1 : 1;
}

async function makeProgramImage(
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
