import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export type TemporaryFolder = AsyncDisposable & {
  path: string;
  /** Writes a file below the folder and returns its path. */
  write: (name: string, content: string, mode?: number) => Promise<string>;
};

/** An empty folder that is deleted with everything in it at the end of the test. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'tools-test-')));
  return {
    path,
    write: async (name, content, mode = 0o644) => {
      const file = join(path, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content, { mode });
      return file;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
