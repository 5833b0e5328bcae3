import { chmod, cp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../exists.js';
import { debianProgram, packageVersion } from '../runtime/debian-programs.js';
import { dataTemplates, postgresqlBin } from '../runtime/prepare-postgresql.js';
import { asUnprivileged } from '../runtime/unprivileged.js';
import { waitUntil } from '../wait-until.js';
import { postgresqlProbe, speaks } from './protocol-probe.js';
import type { ServerDefinition, ServerProcess } from './server-definition.js';

const stopTimeoutMs = 20_000;

/** The database `postgres` of the user `postgres`, who needs no password on the loopback interface. */
export const postgresql: ServerDefinition = {
  name: 'postgresql',
  title: 'PostgreSQL 18',
  defaultPorts: [5432],
  obtain: async () =>
    `PostgreSQL ${await packageVersion((await debianProgram('documentdb')).tree, 'postgresql-18')}`,
  answers: (port) => speaks(port, postgresqlProbe),
  processes: async ({ folder, ports: [port = 0] }) => [
    await postgresqlProcess('postgresql', 'plain', folder, port),
  ],
};

/** The process of a PostgreSQL with its data in `folder`, which is a copy of a template to begin with. */
export async function postgresqlProcess(
  name: string,
  template: keyof typeof dataTemplates,
  folder: string,
  port: number,
): Promise<ServerProcess> {
  const { tree } = await debianProgram('documentdb');
  const data = join(folder, 'data');
  if (!(await exists(data))) {
    const copy = `${data}.new`;
    await rm(copy, { recursive: true, force: true });
    await cp(join(tree, dataTemplates[template]), copy, { recursive: true });
    // It refuses a folder that others can read.
    await chmod(copy, 0o700);
    // Complete, or not there: an interrupted copy would be taken for a database.
    await rename(copy, data);
  }
  const [command, ...args] = asUnprivileged([
    join(tree, postgresqlBin, 'postgres'),
    ...['-D', data, '-p', String(port)],
  ]);
  return {
    spec: {
      name,
      command,
      args,
      cwd: folder,
      env: process.env,
      stopTimeoutMs,
      // SIGTERM waits until every client has gone.
      stopSignal: 'SIGINT',
      beforeStart: () => waitForReleasedMemory(data),
    },
    isReady: () => speaks(port, postgresqlProbe),
  };
}

/**
 * After a kill its helpers go by themselves within a moment, but a new server refuses to start while one of them still
 * has the old one's shared memory. Its id stands in the seventh line of postmaster.pid.
 */
async function waitForReleasedMemory(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  const lines = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
  const id = lines[6]?.trim().split(/\s+/)[1];
  if (id === undefined) return;
  await waitUntil(async () => {
    const segments = (await readFile('/proc/sysvipc/shm', 'utf8').catch(() => '')).split('\n');
    const segment = segments.map((line) => line.trim().split(/\s+/)).find(([, shmid]) => shmid === id);
    const users = Number(segment?.[6] ?? 0);
    return users === 0 || `${users} processes of the server that was killed are still there`;
  }, stopTimeoutMs);
  // Its pid may belong to somebody else by now.
  await rm(pidFile, { force: true });
}
