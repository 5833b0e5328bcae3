import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { defaultCacheRoot, installFolder } from './cache.js';
import { requireGo } from './go-toolchain.js';
import { executableName } from './platform.js';
import { progressOn } from './progress.js';
import { runProgram } from './run-program.js';

/** A Go program whose source is in this repository, with a go.mod and a go.sum of its own. */
export type LocalGoProgram = {
  /** The folder with its main package; its name is what the program is called. */
  folder: string;
  /** Said beside "Building … with Go": how long it takes on two cores. */
  takes: string;
};

/**
 * Resolves to the path of the program, built into the cache unless one of the same content is there. Rejects when Go is
 * missing or too old, a module cannot be had, or it does not compile.
 */
export async function obtainLocalGoProgram(
  { folder, takes }: LocalGoProgram,
  { cacheRoot = defaultCacheRoot(), progress = progressOn(process.stderr), go = 'go' } = {},
): Promise<string> {
  const name = basename(folder);
  const built = await installFolder(
    cacheRoot,
    join('go', `${name}-${await contentOf(folder)}`),
    async (empty) => {
      await requireGo(go, await goVersionIn(folder));
      await progress.during(`Building ${name} with Go (${takes})`, (detail) =>
        runProgram(
          go,
          ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(empty, executableName(name)), '.'],
          { cwd: folder, env: { ...process.env, CGO_ENABLED: '0' }, onProgressLine: detail },
        ),
      );
    },
  );
  return join(built, executableName(name));
}

/** The oldest Go that its modules take. Rejects for a go.mod that does not say. */
async function goVersionIn(folder: string): Promise<string> {
  const version = /^go (\S+)$/m.exec(await readFile(join(folder, 'go.mod'), 'utf8'))?.[1];
  if (version === undefined) throw new Error(`the go.mod in ${folder} names no version of Go`);
  return version;
}

/** Names the content of all files, the versions of what it is built from among them (go.mod, go.sum). */
async function contentOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).sort()) {
    const content = await readFile(join(folder, name));
    hash.update(`${name} ${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 12);
}
