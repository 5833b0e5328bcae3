import { expect, test } from '@jest/globals';
import { appIds, journalPageSchema, shopperKey } from '@unity-purchase/contracts';
import { shardCount } from '@unity-purchase/purchase-service';
import { createDaprGateway } from '@unity-purchase/service-kit';
import { v7 } from 'uuid';
import { readMetric } from '../system/prometheus.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem } from '../system/test-system.js';

const purchaseCount = 200;
const concurrency = 16;

test('two replicas record the concurrent purchases of one shopper once each, with contiguous numbers and correct totals', async () => {
  await using shop = await startTestSystem({
    apps: [
      { appId: appIds.storefront },
      { appId: appIds.purchaseService, env: { INSTANCE_NAME: 'replica-8' } },
      { appId: appIds.purchaseService, env: { INSTANCE_NAME: 'replica-27' } },
    ],
  });
  const { system } = shop;
  const ada = await signIn(shop.storefront);
  const ids = Array.from({ length: purchaseCount }, () => v7());
  const waiting = [...ids, ...ids.slice(0, 40)];
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) await ada.buy({ sku: 'honey' }, id);
    }),
  );
  await ada.waitForRecords(purchaseCount);

  const history = await ada.wholeHistory();
  expect(history.map(({ purchaseId }) => purchaseId).sort()).toEqual([...ids].sort());
  const { totals } = await ada.history();
  expect(totals).toEqual({ count: purchaseCount, sums: { EUR: purchaseCount * 995 } });

  // Both replicas must take part, or the test proves nothing.
  for (const name of ['purchase-service', 'purchase-service-2'])
    expect(await readMetric(`${system.url(name)}/metrics`, 'purchases_recorded_total')).toBeGreaterThan(10);

  // Reads the segments themselves.
  const gateway = createDaprGateway(system.ports('purchase-service').daprHttp, undefined);
  const numbers = Array.from({ length: purchaseCount + 1 }, (_, index) => index + 1);
  const keyOf = (number: number) => `history:${shopperKey(ada.id)}:${number}`;
  const segments = await gateway.stateStore('statestore').getBulk(numbers.map(keyOf));
  const firstOfShards = Array.from({ length: shardCount }, (_, shard) => `journal:${shard}:1`);
  const usedShards = await gateway.stateStore('statestore').getBulk(firstOfShards);
  await gateway.close();
  const taken = numbers.filter((number) => segments.has(keyOf(number)));
  expect(taken).toEqual(numbers.slice(0, taken.length));

  // Both names hash to the same shard, so one replica has claimed another.
  expect(usedShards.size).toBe(2);

  const journal: string[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '100', ...(cursor === undefined ? {} : { cursor }) });
    const answer = await fetch(`${shop.purchaseService}/api/purchases?${query.toString()}`);
    const page = journalPageSchema.parse(await answer.json());
    journal.push(...page.purchases.map(({ purchaseId }) => purchaseId));
    cursor = page.next;
  } while (cursor !== undefined);
  expect([...new Set(journal)].sort()).toEqual([...ids].sort());
}, 180_000);
