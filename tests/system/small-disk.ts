import { spawnSync } from 'node:child_process';
import { appendFile, mkdtemp, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from '@unity-purchase/tools';

/** A disk in memory that a test fills and frees. Disposing of it removes it with all data. */
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

/** Mounts a disk. Rejects where that is not permitted. */
export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), 'unity-purchase-disk-'));
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'unity-purchase-test', path);
  } catch (error) {
    await rmdir(path);
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
      await rmdir(path);
    },
  };
}

/** Why this machine cannot mount a disk, or undefined if it can. */
export async function whyNoSmallDisk(): Promise<string | undefined> {
  try {
    await (await mountSmallDisk(1))[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}
