import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { debianProgram, packageVersion } from '../../../programs/debian-programs.js';
import { obtainTool } from '../../../programs/obtain.js';
import { versions } from '../../../programs/versions.js';
import { postgresqlProcess } from '../postgresql/server.js';
import { mongodbProbe, speaks } from '../../servers/protocol-probe.js';
import type { ServerDefinition } from '../../servers/server-definition.js';

const stopTimeoutMs = 10_000;

/** It opens 43 connections by default, each a process of PostgreSQL. */
const connectionsMax = 16;

/**
 * A MongoDB-compatible server: no package registry has MongoDB itself. FerretDB speaks its protocol, and PostgreSQL with
 * DocumentDB, which is what Azure's MongoDB runs on, does the work. For a real MongoDB, name it in MONGODB_URI.
 */
export const mongodb: ServerDefinition = {
  name: 'mongodb',
  title: `MongoDB-compatible server (FerretDB ${versions.ferretdb}, DocumentDB on PostgreSQL 18)`,
  defaultPorts: [27017, 9712],
  obtain: async () => {
    await obtainTool('ferretdb');
    const { tree } = await debianProgram('documentdb');
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
            // It would be open to everybody on a port of its own.
            ...['--debug-addr=-', '--no-auth', '--telemetry=disable', '--log-level=WARN'],
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
