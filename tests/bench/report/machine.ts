import { cpus, loadavg, release, totalmem, type as systemName } from 'node:os';
import { brokers, daprdVersion, stores } from '@unity-purchase/tools';
import bench from '../../package.json' with { type: 'json' };

/** The machine and versions that matter for reading the figures. */
export async function describeMachine(): Promise<Record<string, string>> {
  const { autocannon, kafkajs, libsql, mongodb, pg } = bench.dependencies;
  const nats = bench.dependencies['@nats-io/jetstream'];
  return {
    Processor: `${cpus().length} cores, ${cpus()[0]?.model ?? 'of an unknown kind'}`,
    Memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    'Operating system': `${systemName()} ${release()}`,
    'Busy before the run': `${(loadavg()[0] ?? 0).toFixed(2)} (load average of one minute)`,
    Node: process.version,
    Sidecars: `daprd ${await daprdVersion()}`,
    Broker: brokers.kafka.server.title,
    Store: stores.mongodb.server.title,
    'Other pairs': [brokers.jetstream.server, stores.postgresql.server].map(({ title }) => title).join(', '),
    Clients: `kafkajs ${kafkajs} and mongodb ${mongodb} without sidecars, autocannon ${autocannon} for the load`,
    'Clients of other pairs': `pg ${pg}, @nats-io/jetstream ${nats} and libsql ${libsql}, without sidecars`,
  };
}

/** What only the comparison with plain clients uses. */
const ofComparison: ReadonlySet<string> = new Set(['Clients', 'Other pairs', 'Clients of other pairs']);

/** The machine and versions for a page that compares nothing with plain clients. */
export function withoutComparison(machine: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(machine).filter(([part]) => !ofComparison.has(part)));
}
