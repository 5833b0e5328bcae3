import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { findFreePorts, stores, superviseProcess, waitUntil } from '@unity-purchase/tools';
import { readProcessStatus } from '../system/process-status.js';

/** Long enough to download its packages on a fresh machine. */
const timeoutMs = 240_000;

const readyWithinMs = 30_000;

/** A process's running children; zombies have ended. */
async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const all = await Promise.all(pids.map(async (pid) => ({ pid, ...(await readProcessStatus(pid)) })));
  return all.filter((one) => one.parent === parent && one.state !== 'Z').map(({ pid }) => pid);
}

/** Pauses a process. Returns false when it has already ended. */
function pause(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGSTOP');
  } catch {
    return false;
  }
}

async function areGone(pids: readonly number[]): Promise<boolean> {
  const all = await Promise.all(pids.map(readProcessStatus));
  return all.every(({ state }) => state === undefined || state === 'Z');
}

test(
  'a killed PostgreSQL leaves no child behind, not even a paused one, and starts again',
  async () => {
    await stores.postgresql.server.obtain();
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'killed-database-')));
    const [port = 0] = await findFreePorts(1);
    const [database] = await stores.postgresql.server.processes({ folder, ports: [port] });
    if (database === undefined) throw new Error('PostgreSQL has no process');
    const server = superviseProcess(database.spec, { onLine: () => undefined, onFailure: () => undefined });
    try {
      await server.start();
      await waitUntil(database.isReady, readyWithinMs);
      // Like a child waiting for a lock that a killed one held: it does not notice that its server is gone.
      const helpers = (await childrenOf(server.pid ?? 0)).filter(pause);
      expect(helpers.length).toBeGreaterThan(2);

      server.kill('SIGKILL');
      await server.exited;
      expect(await areGone(helpers)).toBe(true);

      await server.start();
      await waitUntil(database.isReady, readyWithinMs);
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
  timeoutMs,
);
