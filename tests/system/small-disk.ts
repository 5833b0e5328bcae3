import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from '@unity-purchase/tools';

/** A disk that a test fills and frees. Disposing of it removes it with all data. */
export type SmallDisk = AsyncDisposable & {
  path: string;
  /** Writes until no byte is free. */
  fill: () => Promise<void>;
  /** Deletes what `fill` has written. */
  free: () => Promise<void>;
};

/** From large to small, so that the last byte is used soon. */
const fillerSizes = [1024 * 1024, 4096, 1];

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status ?? 'a signal'}: ${stderr.trim()}`);
}

/** Enough for an empty file system. */
const smallestMebibytes = 4;

/** Where a small disk keeps its data: in memory, or in a file, whose syncs take as long as those of the file's disk. */
export type DiskKind = 'memory' | 'file';

const mountOn: Record<DiskKind, (path: string, folder: string, mebibytes: number) => void | Promise<void>> = {
  memory: (path, _folder, mebibytes) => {
    run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'unity-purchase-test', path);
  },
  file: async (path, folder, mebibytes) => {
    const image = join(folder, 'image');
    await writeFile(image, '');
    await truncate(image, mebibytes * 1024 * 1024);
    // Without blocks that are kept for root.
    run('mkfs.ext4', '-q', '-m', '0', image);
    run('mount', '-o', 'loop', image, path);
  },
};

/** Mounts a disk. Rejects where that is not permitted. */
export async function mountSmallDisk(mebibytes: number, kind: DiskKind = 'memory'): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-disk-'));
  const path = join(folder, 'disk');
  await mkdir(path);
  try {
    await mountOn[kind](path, folder, mebibytes);
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
  // Also if the test's process ends before it disposes of the disk.
  const unmount = (): void => {
    run('umount', '-l', path);
  };
  process.once('exit', unmount);
  const filler = join(path, 'filler');
  return {
    path,
    fill: async () => {
      for (const size of fillerSizes)
        for (;;)
          try {
            await appendFile(filler, Buffer.alloc(size));
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
            break;
          }
    },
    free: () => rm(filler),
    [Symbol.asyncDispose]: async () => {
      process.off('exit', unmount);
      unmount();
      await rm(folder, { recursive: true });
    },
  };
}

/** Why this machine cannot mount a disk, or undefined if it can. */
export async function whyNoSmallDisk(kind: DiskKind = 'memory'): Promise<string | undefined> {
  try {
    await (await mountSmallDisk(smallestMebibytes, kind))[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}
