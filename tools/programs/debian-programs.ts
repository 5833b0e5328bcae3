import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { defaultCacheRoot, installFolder } from './cache.js';
import { libraryFolders } from './debian-library-folder.js';
import { hostRelease, unpackDebianPackages, type PackageSet } from './debian-packages.js';
import { preparePostgresql } from './prepare-postgresql.js';
import { progressOn } from './progress.js';

/** What every Debian of the same release has, and what is only for programs that nobody runs here. */
const notNeeded = /^(libc6|libgcc-s1|libcjson1|libmosquitto1|libtirpc-common)$/;

/** The servers that are unpacked from Debian's packages. */
const sets = {
  redis: { release: 'host', roots: ['redis-server'], follow: /^(lib|redis)/, leave: notNeeded },
  mosquitto: { release: 'host', roots: ['mosquitto'], follow: /^lib/, leave: notNeeded },
  rabbitmq: { release: 'host', roots: ['rabbitmq-server'], follow: /^(lib|erlang-)/, leave: notNeeded },
  prometheus: { release: 'host', roots: ['prometheus'], follow: /^$/, leave: notNeeded },
  shellcheck: { release: 'host', roots: ['shellcheck'], follow: /^lib(ffi|gmp)/, leave: notNeeded },
  /**
   * PostgreSQL 18 with DocumentDB, which Debian's stable releases do not have yet; with all their libraries and the loader
   * to go with them, because the host's are older. What is left out is only loaded by what we do not use.
   */
  documentdb: {
    release: 'forky',
    roots: ['postgresql-18-documentdb'],
    follow: /^(lib|zlib1g|postgresql-18)/,
    leave:
      /^(libgdal|libsfcgal|libllvm|libjson-perl|libsystemd-shared|libc-bin|libpam-runtime|libperl|postgresql-client-18)/,
  },
} satisfies Record<string, PackageSet>;

export type DebianProgramSet = keyof typeof sets;

export type DebianProgram = {
  /** The root of the unpacked packages. */
  tree: string;
  /** With the tree's libraries. */
  env: NodeJS.ProcessEnv;
};

/** Prepares a tree after it was unpacked. */
const finish: Partial<Record<DebianProgramSet, (tree: string) => Promise<void>>> = {
  documentdb: preparePostgresql,
};

/**
 * A server from Debian's packages, unpacked into the cache and never installed. Rejects, saying why, where they cannot be
 * had.
 */
export async function debianProgram(
  name: DebianProgramSet,
  cacheRoot = defaultCacheRoot(),
): Promise<DebianProgram> {
  const set = sets[name];
  const tree = await installFolder(cacheRoot, join('debian', await treeName(name)), (folder) =>
    progressOn(process.stderr).during(`Fetching ${set.roots.join()} of Debian`, async () => {
      await unpackDebianPackages(set, folder);
      await finish[name]?.(folder);
    }),
  );
  const folders = libraryFolders().map((folder) => join(tree, folder));
  return { tree, env: { ...process.env, LD_LIBRARY_PATH: folders.join(delimiter) } };
}

/**
 * Raised when something else is done with unpacked packages: a tree that was prepared in another way must not be used.
 */
const preparation = 1;

/** Tells trees apart that another release of Debian, another processor or another choice of packages gave. */
async function treeName(name: DebianProgramSet): Promise<string> {
  const { release, roots, follow, leave } = sets[name];
  const codename = release === 'host' ? await hostRelease() : release;
  const chosen = createHash('sha256')
    .update([...roots, follow.source, leave.source, preparation].join(' '))
    .digest('hex')
    .slice(0, 8);
  return `${name}-${codename}-${process.arch}-${chosen}`;
}

/** The version of a package in a tree, without Debian's own part: `7.0.15` of `5:7.0.15-1~deb12u3`. */
export async function packageVersion(tree: string, name: string): Promise<string> {
  const archives = (await readFile(join(tree, 'packages.txt'), 'utf8')).split('\n');
  const full = archives.find((archive) => archive.startsWith(`${name}_`))?.split('_')[1] ?? '';
  const version = /^(?:\d+%3a)?(\d+(?:\.\d+)*)/.exec(full)?.[1];
  if (version === undefined) throw new Error(`${tree} has no package ${name}`);
  return version;
}
