import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { defaultCacheRoot, installFolder } from './cache.js';
import { goBuildEnvironment, requireGo } from './go-toolchain.js';
import { executableName } from './platform.js';
import { progressOn } from './progress.js';
import { runProgram } from './run-program.js';

/** A Go program whose source is in this repository, with its own go.mod and go.sum. */
export type LocalGoProgram = {
  /** The folder of its main package. The program has the folder's name. */
  folder: string;
  /** How long the build takes, shown as its progress: `about a minute on two cores` */
  takes: string;
};

/**
 * Resolves to the path of the program, which is built into the cache unless the cache has it from the same source. Rejects if
 * Go is missing or too old, a module cannot be downloaded, or the source does not compile.
 */
export async function obtainLocalGoProgram(
  { folder, takes }: LocalGoProgram,
  { cacheRoot = defaultCacheRoot(), progress = progressOn(process.stderr), go = 'go' } = {},
): Promise<string> {
  const name = basename(folder);
  const built = await installFolder(
    cacheRoot,
    join('go', `${name}-${await hashOf(folder)}`),
    async (empty) => {
      await requireGo(go, await goVersionIn(folder));
      await progress.during(`Building ${name} with Go (${takes})`, (detail) =>
        runProgram(
          go,
          ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(empty, executableName(name)), '.'],
          { cwd: folder, env: goBuildEnvironment(), onProgressLine: detail },
        ),
      );
    },
  );
  return join(built, executableName(name));
}

/** The `go` line of the program's go.mod. Rejects if it has none. */
async function goVersionIn(folder: string): Promise<string> {
  const version = /^go (\S+)$/m.exec(await readFile(join(folder, 'go.mod'), 'utf8'))?.[1];
  if (version === undefined) throw new Error(`go.mod in ${folder} has no go line`);
  return version;
}

/** A hash of all files, including go.mod and go.sum. */
async function hashOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).sort()) {
    const content = await readFile(join(folder, name));
    hash.update(`${name} ${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 12);
}
