import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { debianProgram, packageVersion } from '../../../programs/debian-programs.js';
import { obtainTool } from '../../../programs/obtain.js';
import { versions } from '../../../programs/versions.js';
import { postgresqlPackages, postgresqlProcess } from '../postgresql/server.js';
import { speaks } from '../../servers/protocol-probe.js';
import type { ServerDefinition } from '../../servers/server-definition.js';
import { mongodbProbe } from './probe.js';

const stopTimeoutMs = 10_000;

/** FerretDB opens 43 connections by default. Each is a process of PostgreSQL. */
const connectionsMax = 16;

/**
 * A MongoDB-compatible server, because no package registry offers MongoDB itself. FerretDB speaks MongoDB's protocol and
 * stores the data in PostgreSQL with DocumentDB, which Azure's MongoDB service uses too. MONGODB_URI names a real MongoDB.
 */
export const mongodbServer: ServerDefinition = {
  name: 'mongodb',
  title: `MongoDB-compatible server (FerretDB ${versions.ferretdb}, DocumentDB on PostgreSQL 18)`,
  defaultPorts: [27017, 9712],
  obtain: async () => {
    await obtainTool('ferretdb');
    const { tree } = await debianProgram(postgresqlPackages);
    const version = (name: string): Promise<string> => packageVersion(tree, name);
    return (
      `MongoDB-compatible: FerretDB ${versions.ferretdb}, ` +
      `DocumentDB ${await version('postgresql-18-documentdb')} on PostgreSQL ${await version('postgresql-18')}`
    );
  },
  answers: (port) => speaks(port, mongodbProbe),
  processes: async ({ folder, ports: [port = 0, postgresqlPort = 0] }) => {
    const state = join(folder, 'state');
    await mkdir(state, { recursive: true });
    const database = await postgresqlProcess('documentdb', 'documentdb', folder, postgresqlPort);
    const url = `postgres://postgres@127.0.0.1:${postgresqlPort}/postgres?pool_max_conns=${connectionsMax}`;
    return [
      database,
      {
        spec: {
          name: 'mongodb',
          command: await obtainTool('ferretdb'),
          args: [
            `--listen-addr=127.0.0.1:${port}`,
            `--postgresql-url=${url}`,
            `--state-dir=${state}`,
            // Its debug port would listen on every interface.
            '--debug-addr=-',
            '--no-auth',
            '--telemetry=disable',
            '--log-level=WARN',
          ],
          cwd: folder,
          env: process.env,
          stopTimeoutMs,
        },
        isReady: () => speaks(port, mongodbProbe),
      },
    ];
  },
};
