import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export type TemporaryFolder = AsyncDisposable & {
  path: string;
  /** Writes a file in the folder and returns its path. */
  write: (name: string, content: string, mode?: number) => Promise<string>;
};

/** Creates an empty folder. Disposing of it deletes the folder with its content. */
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
