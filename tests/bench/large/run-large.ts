import { appIds } from '@unity-purchase/contracts';
import { startTestSystem } from '../../system/test-system.js';
import { loadRows } from './load-rows.js';
import { measureIn, type Cost } from './measure-world.js';
import { createWorld, type Size, type World } from './world.js';

/** The stores that are compared. */
export const largeStores = ['postgresql', 'sqlite'] as const;

/** What was measured in one store: by the purchases of a shopper, and by the size of everything. */
export type LargeResult = {
  store: string;
  shoppers: { purchases: number; costs: Cost[] }[];
  everyone: { purchases: number; costs: Cost[] }[];
};

/** What purchases take in a store: the keys of histories and of the journal, and their bytes with those of their values. */
export type StoredPurchases = { purchases: number; keys: number; bytes: number };

const sixty = { shopper: 'sixty', purchases: 60 };

/** The two sizes of everything, a hundredth of it for a try. */
export function sizesOf(isQuick: boolean): { small: Size; large: Size } {
  const scale = isQuick ? 100 : 1;
  const small = {
    purchases: { [sixty.shopper]: sixty.purchases, many: 10_000 / scale },
    others: 1_000 / scale,
    auditEntries: 10_000 / scale,
    deadLetters: 1_000 / scale,
  };
  const large = {
    purchases: {
      few: 10,
      [sixty.shopper]: sixty.purchases,
      many: 10_000 / scale,
      million: 1_000_000 / scale,
    },
    others: 100_000 / scale,
    auditEntries: 1_000_000 / scale,
    deadLetters: 100_000 / scale,
  };
  return { small, large };
}

/** How many purchases a size has. */
export function purchasesIn({ purchases, others }: Size): number {
  return Object.values(purchases).reduce((sum, count) => sum + count, others);
}

/** Fills stores with two sizes of data, and measures the same operations in both. */
export async function runLarge({
  isQuick,
  tell,
  signal,
}: {
  isQuick: boolean;
  tell: (line: string) => void;
  signal: AbortSignal;
}): Promise<{ stores: LargeResult[]; stored: StoredPurchases }> {
  const { small, large } = sizesOf(isQuick);
  const nowMs = Date.now();
  const results: LargeResult[] = largeStores.map((store) => ({ store, shoppers: [], everyone: [] }));
  let stored: StoredPurchases = { purchases: 0, keys: 0, bytes: 0 };
  for (const size of [small, large]) {
    const startMs = performance.now();
    const world = await createWorld(size, nowMs);
    const seconds = Math.round((performance.now() - startMs) / 1_000);
    tell(
      `${String(purchasesIn(size))} purchases in ${String(world.rows.size)} keys, made in ${String(seconds)} s`,
    );
    stored = storedIn(world, purchasesIn(size));
    for (const result of results) {
      signal.throwIfAborted();
      await measureStore(result, { size, world, nowMs, isLarge: size === large, tell });
    }
  }
  return { stores: results, stored };
}

function storedIn({ rows }: World, purchases: number): StoredPurchases {
  const stored = { purchases, keys: 0, bytes: 0 };
  for (const [key, value] of rows) {
    if (!key.startsWith('history:') && !key.startsWith('journal:')) continue;
    stored.keys += 1;
    stored.bytes += key.length + value.length;
  }
  return stored;
}

async function measureStore(
  result: LargeResult,
  {
    size,
    world,
    nowMs,
    isLarge,
    tell,
  }: { size: Size; world: World; nowMs: number; isLarge: boolean; tell: (line: string) => void },
): Promise<void> {
  await using shop = await startTestSystem({
    store: result.store,
    apps: [{ appId: appIds.purchaseService }],
  });
  const startMs = performance.now();
  await loadRows(shop.system.ports(appIds.purchaseService).daprHttp, world.rows);
  tell(`${result.store}: loaded in ${String(Math.round((performance.now() - startMs) / 1_000))} s`);
  const report = (about: string, costs: readonly Cost[]): void => {
    for (const { operation, ms, stateCalls, memoryMiB } of costs)
      tell(
        `${result.store.padEnd(10)} ${about.padEnd(18)} ${operation.padEnd(40)} ${ms.toFixed(1)} ms, ${String(stateCalls)} calls, ${String(memoryMiB)} MiB`,
      );
  };
  const measure = measureIn(shop, world, nowMs);
  if (isLarge)
    for (const [shopper, purchases] of Object.entries(size.purchases)) {
      if (shopper === sixty.shopper) continue;
      const costs = await measure.ofShopper(shopper, purchases);
      result.shoppers.push({ purchases, costs });
      report(`${String(purchases)} purchases`, costs);
    }
  const costs = await measure.ofEveryone(sixty.shopper);
  result.everyone.push({ purchases: purchasesIn(size), costs });
  report(`${String(purchasesIn(size))} in all`, costs);
}
