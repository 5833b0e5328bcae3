import { appIds } from '@unity-purchase/contracts';
import { createDaprGateway, type DaprGateway } from '@unity-purchase/service-kit';
import {
  findFreePorts,
  waitUntil,
  type RunningServer,
  openedParts,
  type OpenedParts,
} from '@unity-purchase/tools';
import { v7 } from 'uuid';
import { setTimeout as delay } from 'node:timers/promises';
import { brokers, type Broker } from '../system/brokers/connect-to-broker.js';
import type { BrokerClient } from '../system/brokers/broker-client.js';
import { readMetric } from '../system/prometheus.js';
import { stores, type Store } from '../system/stores/connect-to-store.js';
import type { StoreClient } from '../system/stores/store-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';
import { Buyers } from './buyers.js';
import { startFaultProxy, type FaultProxy } from './fault-proxy.js';
import type { Pair } from './promises.js';

/** How much is bought before anybody could record it. */
const earlyCount = 20;

const consumer = appIds.purchaseService;
const consumerSidecar = `${consumer}-sidecar`;

/** A whole system on a pair, with everything that is done to it and all ways to look into it. */
export type Lab = AsyncDisposable & {
  pair: Pair;
  shop: TestSystem;
  buyers: Buyers;
  broker: BrokerClient;
  brokerServer: RunningServer;
  /** The store's own processes; an embedded store has none. */
  storeServer: RunningServer | undefined;
  /** Looks into the store. An embedded one can only be read while `whileStoreIsClosed`. */
  store: StoreClient;
  /** The storefront's sidecar, past the storefront: to publish what it never would. */
  publisher: DaprGateway;
  /** Opens a way to the purchase-service's sidecar, past the purchase-service: each is a writer of its own. */
  openRecorder: () => DaprGateway;
  faults: FaultProxy;
  /** Ends the store as a power cut would. One that is embedded in the sidecar dies with it. */
  killStore: () => Promise<void>;
  startStore: () => Promise<void>;
  /** Ends a process, or all of a server, as a power cut would, and starts it again after an outage. */
  killAndRestart: (name: string, outageMs: number) => Promise<void>;
  /** Stops the consumer with its sidecar in good order. */
  stopConsumer: () => Promise<void>;
  startConsumer: () => Promise<void>;
  /** Calls `use` while no sidecar has an embedded store open. */
  whileStoreIsClosed: <T>(use: () => Promise<T>) => Promise<T>;
  metric: (name: string, instance?: string) => Promise<number>;
};

/** Starts a system on a pair: first the storefront, which already sells, and then the purchase-service. */
export async function startLab(pair: Pair): Promise<Lab> {
  const broker = brokers[pair.broker];
  const store = stores[pair.store];
  if (broker === undefined || store === undefined)
    throw new Error(`there is no native client for ${pair.broker} or ${pair.store}`);
  const opened = openedParts();
  try {
    return await openLab(pair, { broker, store }, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openLab(
  pair: Pair,
  { broker, store }: { broker: Broker; store: Store },
  opened: OpenedParts,
): Promise<Lab> {
  const [app = 0, daprHttp = 0, daprGrpc = 0, metrics = 0] = await findFreePorts(4);
  const faults = opened.add(await startFaultProxy(daprHttp));
  const shop = opened.add(await startTestSystem({ ...pair, apps: [{ appId: appIds.storefront }] }));
  const { system } = shop;
  const brokerServer = system.server(broker.server);
  const storeServer = store.server === undefined ? undefined : system.server(store.server);
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
    // Together: each waits for the other.
    await Promise.all([consumer, consumerSidecar].map((name) => system.process(name).start()));
    await Promise.all([consumer, consumerSidecar].map((name) => system.waitUntilReady(name)));
  };
  const stopConsumer = async () => {
    await system.process(consumerSidecar).stop();
    await system.process(consumer).stop();
  };
  const lab: Lab = {
    pair,
    shop,
    faults,
    buyers: new Buyers(shop.storefront, `http://127.0.0.1:${app}`),
    broker: opened.add(await broker.connect(shop.addressOf(broker.server))),
    brokerServer,
    storeServer,
    store:
      store.server === undefined ? store.open(shop.dataDir) : store.connect(shop.addressOf(store.server)),
    publisher: createDaprGateway(system.ports(appIds.storefront).daprHttp, undefined),
    openRecorder: () => createDaprGateway(daprHttp, undefined),
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
    [Symbol.asyncDispose]: opened.close,
  };
  opened.add({ [Symbol.asyncDispose]: () => lab.publisher.close() });
  const [early] = await lab.buyers.signIn([`early-${v7()}`]);
  if (early !== undefined) await lab.buyers.buyMany([early], earlyCount, { atOnce: 4 });
  await system.addReplica({
    appId: consumer,
    ports: { app, daprHttp, daprGrpc, metrics },
    env: { DAPR_HTTP_PORT: String(faults.port), INSTANCE_NAME: consumer },
  });
  return lab;
}

/** Resolves when a backlog, as the broker tells it, is as wanted; at once for a broker that tells none. */
export async function waitForBacklog(
  lab: Lab,
  timeoutMs: number,
  isWanted: (count: number) => boolean,
): Promise<number | undefined> {
  let last: number | undefined;
  await waitUntil(async () => {
    last = await lab.broker.backlog();
    return last === undefined || isWanted(last) || `the broker holds ${last} events for the purchase-service`;
  }, timeoutMs);
  return last;
}
