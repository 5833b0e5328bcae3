import { statfs } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessFailure } from './supervised-process.js';

/** A server that stores data, and what to do when its disk is full. */
export type StoringServer = {
  /** Its name and version for people. */
  title: string;
  /** Holds its data. */
  folder: string;
  /** Whether a line of its output says that it stores nothing more until it is restarted. */
  storesNothingAfter?: (line: string) => boolean;
  /** Starts it again. Resolves when it answers. */
  restart: () => Promise<void>;
  report: (text: string) => void;
  signal: AbortSignal;
  /** The free space of the disk that holds a folder, in bytes. */
  freeBytes?: (folder: string) => Promise<number>;
  /** The pause between two looks at the disk; a second by default. */
  intervalMs?: number;
};

/** Restarts a server that stopped storing because its disk was full, once there is room again. */
export type FullDiskRecovery = {
  /** Takes a line of the server's output. */
  read: (line: string) => void;
  /** Takes an unexpected end. Resolves to whether the disk was full; the server is then started again later. */
  takeEnd: (failure: ProcessFailure) => Promise<boolean>;
};

/** Enough for a server to start, and to store purchases while an operator makes more room. */
const roomBytes = 16 * 1024 * 1024;

/** How operating systems, Java, PostgreSQL and Redis say that a disk is full. */
const noRoom = /no space left on device|not enough space|disk (?:is )?full|ENOSPC/i;

/**
 * Watches a server. NATS answers but refuses all events after its disk was full, and Kafka, PostgreSQL and Redis end. Neither
 * recovers by itself when there is room again. The data that they acknowledged is on the disk.
 */
export function recoverFromFullDisk({
  title,
  folder,
  storesNothingAfter = () => false,
  restart,
  report,
  signal,
  freeBytes = freeBytesOf,
  intervalMs = 1_000,
}: StoringServer): FullDiskRecovery {
  let isRecovering = false;
  const hasRoom = async (): Promise<boolean> => (await freeBytes(folder)) >= roomBytes;

  const recover = async (): Promise<void> => {
    if (isRecovering) return;
    isRecovering = true;
    report(
      `${title} has stopped storing, because the disk of ${folder} is full. Nothing can be bought or recorded. ` +
        `It starts again as soon as ${roomBytes / 1024 / 1024} MiB are free.`,
    );
    for (;;) {
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      if (!(await hasRoom())) continue;
      try {
        await restart();
        report(`${title} stores again.`);
        break;
      } catch (error) {
        report(String(error));
      }
    }
    isRecovering = false;
  };

  return {
    read: (line) => {
      if (storesNothingAfter(line)) void recover();
    },
    takeEnd: async ({ lastLines }) => {
      const isFull = isRecovering || lastLines.some((line) => noRoom.test(line)) || !(await hasRoom());
      if (isFull) void recover();
      return isFull;
    },
  };
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
