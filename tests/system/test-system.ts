import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appIds } from '@unity-purchase/contracts';
import {
  embeddedPair,
  findFreePorts,
  projectRoot,
  readDeployment,
  servers,
  startSystem,
  type AppInstance,
  type RunningSystem,
  type ServerPorts,
  type StartOptions,
} from '@unity-purchase/tools';
import { connectToBroker, type BrokerClient } from '@unity-purchase/tools/test-clients';
import { secretsIn } from './secrets.js';

/** Tests send many requests without pauses and at once. */
const eager = { RATE_LIMIT_PER_MINUTE: '1000000', REQUESTS_PER_CLIENT_MAX: '100000' };

/** A whole system of its own: free ports, an empty data folder, its own broker and store. */
export type TestSystem = AsyncDisposable & {
  system: RunningSystem;
  dataDir: string;
  storefront: string;
  purchaseService: string;
  /** The address (`127.0.0.1:port`) of a server started with the system, for direct inspection. */
  addressOf: (server: string) => string;
  /** Connects to the system's broker without Dapr. */
  connectToBroker: () => Promise<BrokerClient>;
};

export type TestSystemOptions = Pick<
  StartOptions,
  'broker' | 'store' | 'env' | 'metadata' | 'offersPauses' | 'runFile'
> & {
  /** Sidecars end as soon after their service as they do in a cluster. */
  stopsAsInCluster?: boolean;
  /** Reuses an existing data folder and keeps it. */
  dataDir?: string;
  /** Environment for the apps, given their addresses and those of the servers. */
  envOf?: (urls: { storefront: string; server: (name: string) => string }) => Record<string, string>;
  /** The apps to start, instead of one of each. */
  apps?: AppInstance[];
};

/**
 * Starts a system and resolves when all of it is ready. Disposing of it stops all processes and deletes its data. It rejects
 * when a log contains a registered secret, such as a shopper's name.
 */
export async function startTestSystem({
  envOf,
  stopsAsInCluster = false,
  ...options
}: TestSystemOptions = {}): Promise<TestSystem> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'unity-purchase-')));
  const { ports: serverPorts, rest: appPorts } = await serverPortsAnd(8);
  const portsFrom = (first: number) => {
    const [app = 0, daprHttp = 0, daprGrpc = 0, metrics = 0] = appPorts.slice(first);
    return { app, daprHttp, daprGrpc, metrics };
  };
  const system = await startSystem({
    root: projectRoot,
    ...(stopsAsInCluster && { sidecarGracefulShutdownSeconds: await gracefulShutdownSecondsInCluster() }),
    ports: {
      servers: serverPorts,
      apps: { [appIds.storefront]: portsFrom(0), [appIds.purchaseService]: portsFrom(4) },
    },
    ...options,
    env: {
      ...options.env,
      apps: {
        ...eager,
        ...options.env?.apps,
        ...envOf?.({
          storefront: `http://127.0.0.1:${portsFrom(0).app}`,
          server: (name) => `127.0.0.1:${serverPorts[name]?.[0] ?? 0}`,
        }),
      },
    },
    dataDir,
  });
  const addressOf = (server: string) => `127.0.0.1:${system.server(server).port}`;
  const urlOf = (name: string) => (system.names().includes(name) ? system.url(name) : '');
  return {
    system,
    dataDir,
    storefront: urlOf(appIds.storefront),
    purchaseService: urlOf(appIds.purchaseService),
    addressOf,
    connectToBroker: () => connectToBroker(options.broker ?? embeddedPair.broker, { addressOf, dataDir }),
    [Symbol.asyncDispose]: async () => {
      await system.stop();
      const told = secretsIn(linesOfAll(system));
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
      if (told.length > 0) throw new Error(`The logs contain secrets:\n${told.join('\n')}`);
    },
  };
}

async function gracefulShutdownSecondsInCluster(): Promise<number> {
  return (await readDeployment(projectRoot, appIds.purchaseService)).sidecar.gracefulShutdownSeconds;
}

function linesOfAll(system: RunningSystem): string {
  return system
    .names()
    .flatMap((name) => system.lines(name).map((line) => `${name}: ${line}\n`))
    .join('');
}

/** Free ports for every known server plus `count` more; a system starts only the servers it uses. */
async function serverPortsAnd(more: number): Promise<{ ports: ServerPorts; rest: number[] }> {
  const needed = servers.flatMap(({ name, defaultPorts }) => defaultPorts.map(() => name));
  const free = await findFreePorts(needed.length + more);
  const ports: Partial<Record<string, number[]>> = {};
  for (const name of needed) ports[name] = [...(ports[name] ?? []), free.pop() ?? 0];
  return { ports, rest: free };
}

/** A process's output, for the message of a failing test. */
export function tailOf(system: RunningSystem, name: string): string {
  return system.lines(name).slice(-15).join('\n');
}
