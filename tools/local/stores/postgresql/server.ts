import { chmod, cp, readdir, readFile, readlink, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { signalProcess } from '../../../programs/children-on-exit.js';
import { exists } from '../../../programs/exists.js';
import { debianProgram, packageVersion, type DebianPackages } from '../../../programs/debian-programs.js';
import { dataTemplates, postgresqlBin, preparePostgresql } from './prepare-packages.js';
import { asUnprivileged } from '../../../programs/run-program.js';
import { waitUntil } from '../../wait-until.js';
import { speaks } from '../../servers/protocol-probe.js';
import type { ServerDefinition, ServerProcess } from '../../servers/server-definition.js';
import { postgresqlProbe } from './probe.js';

const stopTimeoutMs = 20_000;

/**
 * PostgreSQL 18 with DocumentDB, which stable Debian releases do not contain yet. All libraries and the program loader come
 * with it, because those of the host are older.
 */
export const postgresqlPackages: DebianPackages = {
  name: 'documentdb',
  release: 'forky',
  packages: ['postgresql-18-documentdb'],
  treatedAsInstalled: [
    'debconf',
    'libgdal\\d+',
    'libsfcgal\\d+',
    'libllvm\\d+',
    'locales',
    'postgresql-client-18',
    'postgresql-common',
    'proj-data',
    'ssl-cert',
    'tzdata',
  ],
  prepare: preparePostgresql,
};

/** PostgreSQL with the database and the user `postgres`, who needs no password on the loopback interface. */
export const postgresqlServer: ServerDefinition = {
  name: 'postgresql',
  title: 'PostgreSQL 18',
  defaultPorts: [5432],
  obtain: async () =>
    `PostgreSQL ${await packageVersion((await debianProgram(postgresqlPackages)).tree, 'postgresql-18')}`,
  answers: (port) => speaks(port, postgresqlProbe),
  processes: async ({ folder, ports: [port = 0] }) => [
    await postgresqlProcess('postgresql', 'plain', folder, port),
  ],
};

/** Returns the process of a PostgreSQL with its data in `folder`. A new data folder is a copy of the template. */
export async function postgresqlProcess(
  name: string,
  template: keyof typeof dataTemplates,
  folder: string,
  port: number,
): Promise<ServerProcess> {
  const { tree } = await debianProgram(postgresqlPackages);
  const data = join(folder, 'data');
  if (!(await exists(data))) {
    const copy = `${data}.new`;
    await rm(copy, { recursive: true, force: true });
    await cp(join(tree, dataTemplates[template]), copy, { recursive: true });
    // PostgreSQL rejects a data folder that other users can read.
    await chmod(copy, 0o700);
    // Renaming makes the copy appear complete; an interrupted copy would look like a database.
    await rename(copy, data);
  }
  const [command, ...args] = asUnprivileged([
    join(tree, postgresqlBin, 'postgres'),
    '-D',
    data,
    '-p',
    String(port),
  ]);
  return {
    spec: {
      name,
      command,
      args,
      cwd: folder,
      env: process.env,
      stopTimeoutMs,
      // On SIGTERM, PostgreSQL would wait for every client to disconnect.
      stopSignal: 'SIGINT',
      beforeStart: () => endOrphans(data),
      // The next start reports an orphan that could not be ended.
      afterExit: () => endOrphans(data).catch(() => undefined),
    },
    isReady: () => speaks(port, postgresqlProbe),
    // One for each connection, and its own workers.
    outsideGroup: async () => processesIn(await realpath(data)),
  };
}

/**
 * Kills the child processes of a server that died. They usually end by themselves. One that waits for a lock of a killed
 * process never does, and keeps the shared memory that a new server needs. They lead process groups of their own, so they
 * are found by their working directory, which is the data folder.
 */
async function endOrphans(data: string): Promise<void> {
  const folder = await realpath(data);
  const pidFile = join(data, 'postmaster.pid');
  const [postmaster] = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
  // The server is alive; PostgreSQL itself reports that the folder is in use.
  if ((await processesIn(folder)).includes(Number(postmaster))) return;
  await waitUntil(async () => {
    const pids = await processesIn(folder);
    for (const pid of pids) signalProcess(pid, 'SIGKILL');
    return pids.length === 0 || `${pids.length} processes of the dead server are still running`;
  }, stopTimeoutMs);
  // Another process may have this id by now.
  await rm(pidFile, { force: true });
}

/** Returns the ids of the processes whose working directory is the folder, or none on a system without /proc. */
async function processesIn(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter(Number.isInteger);
  const folders = await Promise.all(
    pids.map(async (pid) => readlink(`/proc/${pid}/cwd`).catch(() => undefined)),
  );
  return pids.filter((_, index) => folders[index] === folder);
}
