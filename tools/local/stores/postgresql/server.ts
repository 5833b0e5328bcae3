import { chmod, cp, readdir, readFile, readlink, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { signalProcess } from '../../../programs/children-on-exit.js';
import { exists } from '../../../programs/exists.js';
import { debianProgram, packageVersion } from '../../../programs/debian-programs.js';
import { dataTemplates, postgresqlBin } from '../../../programs/prepare-postgresql.js';
import { asUnprivileged } from '../../../programs/unprivileged.js';
import { waitUntil } from '../../wait-until.js';
import { postgresqlProbe, speaks } from '../../servers/protocol-probe.js';
import type { ServerDefinition, ServerProcess } from '../../servers/server-definition.js';

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
      beforeStart: () => endOrphans(data),
      // What it cannot do, the next start says.
      afterExit: () => endOrphans(data).catch(() => undefined),
    },
    isReady: () => speaks(port, postgresqlProbe),
  };
}

/**
 * Ends what a server that died has left behind. Its helpers go by themselves when they notice, but one that waits for a
 * lock that a killed one held never does, and keeps the shared memory without which no new server starts. They lead groups
 * of their own; what tells them is that each of them works in the data folder.
 */
async function endOrphans(data: string): Promise<void> {
  const folder = await realpath(data);
  const pidFile = join(data, 'postmaster.pid');
  const [postmaster] = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
  // Not dead: a second server says itself that the folder is in use.
  if ((await processesIn(folder)).includes(Number(postmaster))) return;
  await waitUntil(async () => {
    const pids = await processesIn(folder);
    for (const pid of pids) signalProcess(pid, 'SIGKILL');
    return pids.length === 0 || `${pids.length} processes of the server that died are still there`;
  }, stopTimeoutMs);
  // Its pid may belong to somebody else by now.
  await rm(pidFile, { force: true });
}

/** The processes that work in a folder; none where there is no /proc. */
async function processesIn(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter(Number.isInteger);
  const folders = await Promise.all(
    pids.map(async (pid) => readlink(`/proc/${pid}/cwd`).catch(() => undefined)),
  );
  return pids.filter((_, index) => folders[index] === folder);
}
