import { purchasePlaced } from '@unity-purchase/contracts';
import { createDependencies } from '@unity-purchase/purchase-service';
import { createLogger } from '@unity-purchase/service-kit';
import { Registry } from 'prom-client';
import { purchaseOf } from '../large/world.js';
import { VirtualClock } from './virtual-clock.js';
import { VirtualStore, type Latencies } from './virtual-store.js';

/** What one purchase-service and the store need for a purchase, as they were measured. */
export type MeasuredCosts = Latencies & {
  /** What a purchase takes of the service's only thread, in milliseconds. */
  threadMs: number;
};

/** Replicas that recorded a backlog in virtual time. */
export type SimulatedReplicas = {
  replicas: number;
  /** Whether each replica claimed its own shard of the journal. */
  isClaimed: boolean;
  /** How many shards of the journal they used. */
  shards: number;
  perSecond: number;
  /** Creates that were refused because another replica was faster, for each hundred purchases. */
  refusedPerHundred: number;
  /** What refused creates took, in milliseconds for each purchase. */
  lostMsPerPurchase: number;
};

const shoppers = 1_000;

const epochMs = Date.UTC(2026, 0, 1);

/**
 * Lets replicas of the purchase-service record a backlog in virtual time: their own code, over a store whose calls take as long as
 * measured. Each partition delivers one event at a time, as Dapr does. A replica's thread does one thing at a time.
 */
export async function simulateReplicas(
  { threadMs, ...latencies }: MeasuredCosts,
  {
    replicas,
    isClaimed,
    partitions,
    purchases,
  }: { replicas: number; isClaimed: boolean; partitions: number; purchases: number },
): Promise<SimulatedReplicas> {
  const clock = new VirtualClock();
  const store = new VirtualStore(clock, latencies);
  const logger = createLogger('simulation', { level: 'silent', format: 'json' });
  const services = Array.from({ length: replicas }, (_, index) => {
    const service = createDependencies(
      {
        instanceName: `purchase-service-${String(index)}`,
        tokens: { sidecar: undefined, operator: undefined },
      },
      {
        gateway: { stateStore: () => store.client(), publish: () => Promise.resolve() },
        registry: new Registry(),
        logger,
      },
      { now: () => new Date(epochMs + clock.nowMs) },
    );
    return { service, thread: Promise.resolve() };
  });
  if (isClaimed) await clock.until(Promise.all(services.map(({ service }) => service.journal.claimShard())));
  await clock.until(Promise.all(services.map(({ service }) => service.prepare())));
  const used = new Set<number>();
  for (const { service } of services) used.add((await clock.until(service.journal.place())).shard);

  const { usage } = store;
  usage.refused = 0;
  usage.refusedMs = 0;
  const startMs = clock.nowMs;
  const consume = async (partition: number): Promise<void> => {
    const replica = services[partition % replicas];
    if (replica === undefined) return;
    for (let number = partition; number < purchases; number += partitions) {
      replica.thread = replica.thread.then(() => clock.wait(threadMs));
      await replica.thread;
      const shopper = `shopper-${String(number % shoppers)}`;
      const purchase = purchaseOf(shopper, epochMs + Math.floor(clock.nowMs), number);
      const outcome = await replica.service.recordPurchase(purchasePlaced(purchase));
      if (outcome !== 'recorded') throw new Error(`the outcome of recording was ${outcome}`);
    }
  };
  await clock.until(Promise.all(Array.from({ length: partitions }, (_, partition) => consume(partition))));
  return {
    replicas,
    isClaimed,
    shards: used.size,
    perSecond: purchases / ((clock.nowMs - startMs) / 1_000),
    refusedPerHundred: (100 * usage.refused) / purchases,
    lostMsPerPurchase: usage.refusedMs / purchases,
  };
}
