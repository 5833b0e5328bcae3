import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { findFreePorts, servers, superviseProcess, waitUntil } from '@unity-purchase/tools';

/** Where it is not on the machine yet, its packages are fetched. */
const timeoutMs = 240_000;

const readyWithinMs = 30_000;

/** The processes that a process has started, and that have not ended: a zombie's end only waits to be taken note of. */
async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const all = await Promise.all(pids.map(async (pid) => ({ pid, ...(await statusOf(pid)) })));
  return all.filter((one) => one.parent === parent && one.state !== 'Z').map(({ pid }) => pid);
}

/** The fields of `/proc/<pid>/stat` after the name, which is in brackets. */
async function statusOf(pid: number): Promise<{ state: string | undefined; parent: number }> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, state, parent] = text.slice(text.lastIndexOf(')')).split(' ');
  return { state, parent: Number(parent) };
}

/** Pauses a process. Some helpers live for a moment only: of one that has gone meanwhile it is said. */
function isPaused(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGSTOP');
  } catch {
    return false;
  }
}

async function areGone(pids: readonly number[]): Promise<boolean> {
  const all = await Promise.all(pids.map(statusOf));
  return all.every(({ state }) => state === undefined || state === 'Z');
}

test(
  'of a PostgreSQL that is killed nothing is left, not even what cannot notice, and it starts again',
  async () => {
    await servers.postgresql.obtain();
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'killed-database-')));
    const [port = 0] = await findFreePorts(1);
    const [database] = await servers.postgresql.processes({ folder, ports: [port] });
    if (database === undefined) throw new Error('it has no process');
    const server = superviseProcess(database.spec, { onLine: () => undefined, onFailure: () => undefined });
    try {
      await server.start();
      await waitUntil(database.isReady, readyWithinMs);
      // As one that waits for a lock which a killed one held: it does not see that its server has gone.
      const helpers = (await childrenOf(server.pid ?? 0)).filter(isPaused);
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
