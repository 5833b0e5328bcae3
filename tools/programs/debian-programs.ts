import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { defaultCacheRoot, installFolder } from './cache.js';
import { libraryFolders } from './debian-library-folder.js';
import { hostRelease, unpackDebianPackages, type PackageSet } from './debian-packages.js';
import { progressOn } from './progress.js';

/** Debian packages that are unpacked into a folder of the cache. */
export type DebianPackages = PackageSet & {
  /** Starts the name of the folder in the cache. */
  name: string;
  /** Runs once, after the packages were unpacked into a folder. */
  prepare?: (tree: string) => Promise<void>;
};

export const prometheusPackages: DebianPackages = {
  name: 'prometheus',
  release: 'host',
  packages: ['prometheus'],
  // Its pages are not used.
  treatedAsInstalled: ['adduser', 'init-system-helpers', 'libc6', 'fonts-.*', 'libjs-.*'],
};

export const shellcheckPackages: DebianPackages = {
  name: 'shellcheck',
  release: 'host',
  packages: ['shellcheck'],
  treatedAsInstalled: ['libc6'],
};

export type DebianProgram = {
  /** The folder the packages are unpacked in, as if it were the root. */
  tree: string;
  /** The environment to run its programs in: it finds the libraries of the tree. */
  env: NodeJS.ProcessEnv;
};

/**
 * Resolves to programs from Debian packages, unpacked into the cache and not installed. Rejects with the reason if a package
 * cannot be downloaded.
 */
export async function debianProgram(
  set: DebianPackages,
  cacheRoot = defaultCacheRoot(),
): Promise<DebianProgram> {
  const tree = await installFolder(cacheRoot, join('debian', await treeName(set)), (folder) =>
    progressOn(process.stderr).during(`Downloading ${set.packages.join()} from Debian`, async () => {
      await unpackDebianPackages(set, folder);
      await set.prepare?.(folder);
    }),
  );
  const folders = libraryFolders().map((folder) => join(tree, folder));
  return { tree, env: { ...process.env, LD_LIBRARY_PATH: folders.join(delimiter) } };
}

/** Increase it when the preparation of unpacked packages changes, so that trees in the cache are replaced. */
const preparation = 1;

/** The tree's folder in the cache, different for each Debian release, processor and choice of packages. */
async function treeName({ name, release, packages, treatedAsInstalled }: DebianPackages): Promise<string> {
  const codename = release === 'host' ? await hostRelease() : release;
  const choice = createHash('sha256')
    .update([...packages, ...treatedAsInstalled, preparation].join(' '))
    .digest('hex')
    .slice(0, 8);
  return `${name}-${codename}-${process.arch}-${choice}`;
}

/** The upstream version of a package in a tree: `7.0.15` for `5:7.0.15-1~deb12u3`. Rejects if the tree lacks the package. */
export async function packageVersion(tree: string, name: string): Promise<string> {
  const archives = (await readFile(join(tree, 'packages.txt'), 'utf8')).split('\n');
  const full = archives.find((archive) => archive.startsWith(`${name}_`))?.split('_')[1] ?? '';
  const version = /^(?:\d+%3a)?(\d+(?:\.\d+)*)/.exec(full)?.[1];
  if (version === undefined) throw new Error(`${tree} has no package ${name}`);
  return version;
}
