import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { appIds } from '@unity-purchase/contracts';
import {
  findFreePorts,
  startSystem,
  type AppInstance,
  type RunningSystem,
  type StartOptions,
} from '@unity-purchase/tools';

/** The repository: tests run in a workspace of it. */
export const projectRoot = resolve(import.meta.dirname, '../..');

/** A whole system of its own: free ports, an empty data folder, its own broker and store. */
export type TestSystem = AsyncDisposable & {
  system: RunningSystem;
  dataDir: string;
  storefront: string;
  purchaseService: string;
  broker: string;
};

export type TestSystemOptions = Pick<StartOptions, 'env' | 'metadata'> & {
  /** Keeps the data of an earlier system, and leaves it there. */
  dataDir?: string;
  /** Only these apps, instead of each once. */
  apps?: AppInstance[];
};

/** Starts a system and resolves when all of it is ready. Disposing of it stops all processes and deletes its data. */
export async function startTestSystem(options: TestSystemOptions = {}): Promise<TestSystem> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'unity-purchase-')));
  const [nats = 0, ...appPorts] = await findFreePorts(9);
  const portsFrom = (first: number) => {
    const [app = 0, daprHttp = 0, daprGrpc = 0, metrics = 0] = appPorts.slice(first);
    return { app, daprHttp, daprGrpc, metrics };
  };
  const system = await startSystem({
    root: projectRoot,
    dataDir,
    ports: { nats, apps: { [appIds.storefront]: portsFrom(0), [appIds.purchaseService]: portsFrom(4) } },
    ...(options.apps === undefined ? {} : { apps: options.apps }),
    ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
    env: { ...options.env },
  });
  const urlOf = (name: string) => (system.names().includes(name) ? system.url(name) : '');
  return {
    system,
    dataDir,
    storefront: urlOf(appIds.storefront),
    purchaseService: urlOf(appIds.purchaseService),
    broker: system.url('nats'),
    [Symbol.asyncDispose]: async () => {
      await system.stop();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** What a process wrote, for a failing test's message. */
export function tailOf(system: RunningSystem, name: string): string {
  return system.lines(name).slice(-15).join('\n');
}
