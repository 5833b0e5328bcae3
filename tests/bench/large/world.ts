import { purchasePlaced, shopperKey, type Purchase } from '@unity-purchase/contracts';
import { createDependencies } from '@unity-purchase/purchase-service';
import { createLogger, type StateStore } from '@unity-purchase/service-kit';
import { Registry } from 'prom-client';
import { v7 } from 'uuid';

/** How much a store holds. */
export type Size = {
  /** The purchases of some shoppers, by their names. Each is a segment of its own, as if it was bought alone. */
  purchases: Readonly<Record<string, number>>;
  /** Shoppers with one purchase each. */
  others: number;
  auditEntries: number;
  deadLetters: number;
};

/** What was recorded in the simulated years. */
export type World = {
  /** Every key of the store. */
  rows: ReadonlyMap<string, string>;
  /** Some purchases of each named shopper, evenly spread, oldest first. */
  samples: Readonly<Record<string, readonly Purchase[]>>;
};

const yearMs = 365 * 24 * 3_600_000;

/** All of it was recorded in this time, up to now. */
export const periodMs = 2 * yearMs;

const samplesMax = 400;

/** Entries that share a segment, because operators' pages are read at the same time. */
const auditBatch = 50;

/**
 * Lets the purchase-service's own code record purchases, audit entries and dead letters in an accelerated time, in memory. So every key
 * is what the service would have written.
 */
export async function createWorld(size: Size, nowMs: number): Promise<World> {
  const rows = new Map<string, string>();
  let clockMs = nowMs - periodMs;
  const service = createDependencies(
    { instanceName: 'purchase-service', tokens: { sidecar: undefined, operator: undefined } },
    {
      gateway: { stateStore: () => storeIn(rows), publish: () => Promise.resolve() },
      registry: new Registry(),
      logger: createLogger('world', { level: 'silent', format: 'json' }),
    },
    { now: () => new Date(clockMs) },
  );
  const samples: Record<string, Purchase[]> = {};
  const schedule = [
    ...Object.entries(size.purchases).map(([shopper, count]) => ({ shopperOf: () => shopper, count })),
    { shopperOf: (index: number) => `shopper-${String(index)}`, count: size.others },
  ].map(({ shopperOf, count }) => ({ shopperOf, count, done: 0 }));
  const total = schedule.reduce((sum, { count }) => sum + count, 0);
  for (let step = 0; step < total; step += 1) {
    clockMs = nowMs - periodMs + Math.floor((step / total) * periodMs);
    // Everyone buys at an even rate: the shopper who is the furthest behind is next.
    const next = schedule.reduce((one, other) => (progressOf(other) < progressOf(one) ? other : one));
    const shopper = next.shopperOf(next.done);
    const purchase = purchaseOf(shopper, clockMs, next.done);
    clockMs += 100;
    const outcome = await service.recordPurchase(purchasePlaced(purchase));
    if (outcome !== 'recorded') throw new Error(`the outcome of recording was ${outcome}`);
    const every = Math.max(1, Math.ceil(next.count / samplesMax));
    if (shopper in size.purchases && next.done % every === 0) (samples[shopper] ??= []).push(purchase);
    next.done += 1;
  }
  for (let done = 0; done < size.auditEntries; done += auditBatch) {
    clockMs = nowMs - periodMs + Math.floor((done / size.auditEntries) * periodMs);
    const target = shopperKey(`shopper-${String(done)}`);
    await Promise.all(
      Array.from({ length: auditBatch }, (_, index) =>
        service.audit.write({
          operator: 'Grace',
          action: 'read-purchase',
          target,
          requestId: `request-${String(done + index)}`,
        }),
      ),
    );
  }
  for (let done = 0; done < size.deadLetters; done += 1) {
    clockMs = nowMs - periodMs + Math.floor((done / size.deadLetters) * periodMs);
    await service.deadLetters.keep(Buffer.from(JSON.stringify({ broken: done })));
  }
  return { rows, samples };
}

const progressOf = ({ done, count }: { done: number; count: number }): number =>
  count === 0 ? Infinity : done / count;

/** A purchase of a shopper at a time. */
export function purchaseOf(shopper: string, placedMs: number, number: number): Purchase {
  const unitPrice = 1_000 + (number % 900);
  return {
    purchaseId: v7({ msecs: placedMs }),
    shopper: { id: shopper, name: 'Ada' },
    lines: [{ sku: 'mug', title: 'Mug', quantity: 2, unitPrice }],
    total: { amount: 2 * unitPrice, currency: 'EUR' },
    placedAt: new Date(placedMs).toISOString(),
  };
}

function storeIn(rows: Map<string, string>): StateStore {
  return {
    createIfAbsent: (key, value, saved) => {
      if (saved !== undefined) rows.set(saved.key, saved.value);
      if (rows.has(key)) return Promise.resolve({ created: false, cause: new Error(`${key} exists`) });
      rows.set(key, value);
      return Promise.resolve({ created: true });
    },
    save: (key, value) => {
      rows.set(key, value);
      return Promise.resolve();
    },
    update: (key, change) => {
      const value = rows.get(key);
      const changed = value === undefined ? undefined : change(value);
      if (changed !== undefined) rows.set(key, changed);
      return Promise.resolve();
    },
    delete: (key) => {
      rows.delete(key);
      return Promise.resolve();
    },
    getBulk: (keys) =>
      Promise.resolve(
        new Map(
          keys.flatMap((key) => {
            const value = rows.get(key);
            return value === undefined ? [] : [[key, value] as const];
          }),
        ),
      ),
  };
}
