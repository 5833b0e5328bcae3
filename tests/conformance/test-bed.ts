import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { appIds } from '@unity-purchase/contracts';
import { createDaprGateway, type DaprGateway } from '@unity-purchase/service-kit';
import {
  brokerNamed,
  daprdVersion,
  findFreePorts,
  storeNamed,
  waitUntil,
  type RunningServer,
  createCleanup,
  type Cleanup,
} from '@unity-purchase/tools';
import { v7 } from 'uuid';
import {
  connectToBroker,
  connectToStore,
  type BrokerClient,
  type StoreClient,
} from '@unity-purchase/tools/test-clients';
import { readMetric } from '../system/prometheus.js';
import type { SmallDisk } from '../system/small-disk.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';
import { Buyers } from './buyers.js';
import { startFaultProxy, type FaultProxy } from './fault-proxy.js';
import type { Pair } from './promises.js';

/** Purchases made before the purchase-service first runs. */
const earlyCount = 20;

const consumer = appIds.purchaseService;
const consumerSidecar = `${consumer}-sidecar`;

/** A whole system on a pair, with ways to disturb and inspect it. */
export type TestBed = AsyncDisposable & {
  pair: Pair;
  /** The disk of all data, if it is one that can be filled. */
  disk: SmallDisk | undefined;
  /** The version of the sidecars. */
  dapr: string;
  shop: TestSystem;
  buyers: Buyers;
  broker: BrokerClient;
  brokerServer: RunningServer;
  /** The store's processes. An embedded store has none. */
  storeServer: RunningServer | undefined;
  /** Reads the store directly. An embedded store can only be read inside `whileStoreIsClosed`. */
  store: StoreClient;
  /** Publishes through the storefront's sidecar events that the storefront never would. */
  publisher: DaprGateway;
  /** Opens a connection of its own to the purchase-service's sidecar, so that each caller is a separate writer. */
  openWriter: () => DaprGateway;
  faults: FaultProxy;
  /** Kills the store. An embedded store is killed with its sidecar. */
  killStore: () => Promise<void>;
  startStore: () => Promise<void>;
  /** Kills a process, or all processes of a server, and starts it again after an outage. */
  killAndRestart: (name: string, outageMs: number) => Promise<void>;
  /** Stops the consumer and its sidecar gracefully. */
  stopConsumer: () => Promise<void>;
  startConsumer: () => Promise<void>;
  /** Runs `use` while no sidecar has the embedded store open. */
  whileStoreIsClosed: <T>(use: () => Promise<T>) => Promise<T>;
  metric: (name: string, instance?: string) => Promise<number>;
};

/**
 * Starts a system on a pair: first the storefront, which already sells, then the purchase-service. Its servers and an embedded
 * store keep their data on the given disk, if there is one.
 */
export async function startTestBed(pair: Pair, disk?: SmallDisk): Promise<TestBed> {
  const cleanup = createCleanup();
  try {
    return await openTestBed(pair, disk, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function openTestBed(pair: Pair, disk: SmallDisk | undefined, cleanup: Cleanup): Promise<TestBed> {
  const [app = 0, daprHttp = 0, daprGrpc = 0, metrics = 0] = await findFreePorts(4);
  const faults = cleanup.add(await startFaultProxy(daprHttp));
  const shop = cleanup.add(
    await startTestSystem({
      ...pair,
      apps: [{ appId: appIds.storefront }],
      stopsAsInCluster: true,
      ...(disk && { dataDir: join(disk.path, 'data') }),
    }),
  );
  const { system } = shop;
  const { server: storeDefinition } = storeNamed(pair.store);
  const brokerServer = system.server(brokerNamed(pair.broker).server.name);
  const storeServer = storeDefinition === undefined ? undefined : system.server(storeDefinition.name);
  const restart = async (name: string, outageMs: number) => {
    const server = [brokerServer, storeServer].find((one) => one?.name === name);
    if (server !== undefined) {
      await server.kill();
      await delay(outageMs);
      await server.start();
      return;
    }
    const victim = system.process(name);
    victim.kill('SIGKILL');
    await victim.exited;
    await delay(outageMs);
    await victim.start();
    await system.waitUntilReady(name);
  };
  const startConsumer = async () => {
    // In parallel, because each waits for the other.
    await Promise.all([consumer, consumerSidecar].map((name) => system.process(name).start()));
    await Promise.all([consumer, consumerSidecar].map((name) => system.waitUntilReady(name)));
  };
  const stopConsumer = async () => {
    await system.process(consumerSidecar).stop();
    await system.process(consumer).stop();
  };
  const testBed: TestBed = {
    pair,
    disk,
    dapr: await daprdVersion(),
    shop,
    faults,
    buyers: new Buyers(shop.storefront, (path) => fetch(`http://127.0.0.1:${app}${path}`)),
    broker: cleanup.add(await connectToBroker(pair.broker, shop)),
    brokerServer,
    storeServer,
    store: connectToStore(pair.store, shop),
    publisher: createDaprGateway(system.ports(appIds.storefront).daprHttp, undefined),
    openWriter: () => createDaprGateway(daprHttp, undefined),
    killStore: async () => {
      if (storeServer !== undefined) {
        await storeServer.kill();
        return;
      }
      const sidecar = system.process(consumerSidecar);
      sidecar.kill('SIGKILL');
      await sidecar.exited;
    },
    startStore: async () => {
      if (storeServer !== undefined) {
        await storeServer.start();
        return;
      }
      await system.process(consumerSidecar).start();
      await system.waitUntilReady(consumerSidecar);
    },
    killAndRestart: restart,
    stopConsumer,
    startConsumer,
    whileStoreIsClosed: async (use) => {
      if (storeServer !== undefined) return use();
      await stopConsumer();
      const result = await use();
      await startConsumer();
      return result;
    },
    metric: (name, instance = consumer) => readMetric(`${system.url(instance)}/metrics`, name),
    [Symbol.asyncDispose]: cleanup.run,
  };
  cleanup.add({ [Symbol.asyncDispose]: () => testBed.publisher.close() });
  const [early] = await testBed.buyers.signIn([`early-${v7()}`]);
  if (early !== undefined) await testBed.buyers.buyMany([early], earlyCount, { concurrency: 4 });
  await system.addReplica({
    appId: consumer,
    ports: { app, daprHttp, daprGrpc, metrics },
    env: { DAPR_HTTP_PORT: String(faults.port), INSTANCE_NAME: consumer },
  });
  return testBed;
}

/** Resolves when the broker's backlog satisfies the condition, or at once when the broker reports none. */
export async function waitForBacklog(
  testBed: TestBed,
  timeoutMs: number,
  isExpected: (count: number) => boolean,
): Promise<number | undefined> {
  let last: number | undefined;
  await waitUntil(async () => {
    last = await testBed.broker.backlog();
    return (
      last === undefined || isExpected(last) || `the broker holds ${last} events for the purchase-service`
    );
  }, timeoutMs);
  return last;
}
