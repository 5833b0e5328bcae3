import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { defaultCacheRoot, installFolder } from './cache.js';
import { libraryFolders } from './debian-library-folder.js';
import { hostRelease, unpackDebianPackages, type PackageSet } from './debian-packages.js';
import { preparePostgresql } from './prepare-postgresql.js';
import { progressOn } from './progress.js';

/** The servers and checkers that are unpacked from Debian packages. */
const sets = {
  redis: {
    release: 'host',
    packages: ['redis-server'],
    treatedAsInstalled: ['adduser', 'init-system-helpers', 'libc6', 'libgcc-s1', 'sysvinit-utils'],
  },
  mosquitto: {
    release: 'host',
    packages: ['mosquitto'],
    treatedAsInstalled: ['adduser', 'libc6', 'sysvinit-utils'],
  },
  rabbitmq: {
    release: 'host',
    packages: ['rabbitmq-server'],
    treatedAsInstalled: [
      'adduser',
      'libc6',
      'libgcc-s1',
      'logrotate',
      'openssl',
      'procps',
      'python3',
      'socat',
      'sysvinit-utils',
    ],
  },
  prometheus: {
    release: 'host',
    packages: ['prometheus'],
    // Its pages are not used.
    treatedAsInstalled: ['adduser', 'init-system-helpers', 'libc6', 'fonts-.*', 'libjs-.*'],
  },
  shellcheck: { release: 'host', packages: ['shellcheck'], treatedAsInstalled: ['libc6'] },
  /**
   * PostgreSQL 18 with DocumentDB, which stable Debian releases do not contain yet. All libraries and the program loader
   * come with it, because those of the host are older.
   */
  documentdb: {
    release: 'forky',
    packages: ['postgresql-18-documentdb'],
    treatedAsInstalled: [
      'debconf',
      'libgdal\\d+',
      'libsfcgal\\d+',
      'libllvm\\d+',
      'locales',
      'postgresql-client-18',
      'postgresql-common',
      'proj-data',
      'ssl-cert',
      'tzdata',
    ],
  },
} satisfies Record<string, PackageSet>;

export type DebianProgramSet = keyof typeof sets;

export type DebianProgram = {
  /** The folder the packages are unpacked in, as if it were the root. */
  tree: string;
  /** The environment to run its programs in: it finds the libraries of the tree. */
  env: NodeJS.ProcessEnv;
};

/** Runs after a tree was unpacked. */
const finish: Partial<Record<DebianProgramSet, (tree: string) => Promise<void>>> = {
  documentdb: preparePostgresql,
};

/**
 * Resolves to programs from Debian packages, unpacked into the cache and not installed. Rejects with the reason if a package
 * cannot be downloaded.
 */
export async function debianProgram(
  name: DebianProgramSet,
  cacheRoot = defaultCacheRoot(),
): Promise<DebianProgram> {
  const set = sets[name];
  const tree = await installFolder(cacheRoot, join('debian', await treeName(name)), (folder) =>
    progressOn(process.stderr).during(`Downloading ${set.packages.join()} from Debian`, async () => {
      await unpackDebianPackages(set, folder);
      await finish[name]?.(folder);
    }),
  );
  const folders = libraryFolders().map((folder) => join(tree, folder));
  return { tree, env: { ...process.env, LD_LIBRARY_PATH: folders.join(delimiter) } };
}

/** Increase it when the preparation of unpacked packages changes, so that trees in the cache are replaced. */
const preparation = 1;

/** The tree's folder in the cache, different for each Debian release, processor and choice of packages. */
async function treeName(name: DebianProgramSet): Promise<string> {
  const { release, packages, treatedAsInstalled } = sets[name];
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
