import {
  appIds,
  components,
  journalPageSchema,
  purchaseApiPath,
  purchasePlaced,
  recordedPurchaseSchema,
  shopperKey,
  topics,
} from '@unity-purchase/contracts';
import { v4 } from 'uuid';
import type { ShopperClient } from '../system/shopper-client.js';
import type { Bought } from './buyers.js';
import type { TestBed } from './test-bed.js';

/**
 * Two shoppers buy under the same keys, each three times at once. After a restart of the storefront, which then knows none of the
 * orders, they send the same order and another one again. The events are published once more, too.
 */
export async function tryAnyKey(testBed: TestBed, timeoutMs: number): Promise<string> {
  const { buyers } = testBed;
  const shoppers = await buyers.signIn(['Ada', 'Grace']);
  const keys = ['order-17', v4(), 'order "18"', "'; DROP TABLE state; --", '../..', 'x'.repeat(255)];
  const all: [ShopperClient, Bought][] = [];
  for (const shopper of shoppers)
    for (const key of keys) all.push([shopper, await buyers.buyUnder(key, shopper, 3)]);
  await buyers.waitUntilRecorded(timeoutMs);
  await testBed.killAndRestart(appIds.storefront, 0);
  for (const [shopper, bought] of all) {
    await requireSameAnswer(shopper, bought);
    await publishAgain(testBed, shopper, bought);
  }
  // On brokers that keep the order, the second events are handled before these.
  for (const shopper of shoppers) await buyers.buy(shopper);
  await buyers.waitUntilRecorded(timeoutMs);
  await buyers.reconcile();
  for (const [, { purchaseId }] of all) await requireInJournal(testBed, purchaseId);
  return `${all.length} purchases under ${keys.length} keys, sent five times each`;
}

/** The same order gets the first answer, under its key and under its id, and another order is refused. */
async function requireSameAnswer(shopper: ShopperClient, { key, purchaseId, amount }: Bought): Promise<void> {
  for (const same of [key, purchaseId]) {
    const answer = await shopper.buy({ sku: 'any-amount', amount }, same);
    if (answer.purchaseId !== purchaseId) throw new Error(`the key ${same} got the id ${answer.purchaseId}`);
  }
  const other = await shopper.tryToBuy({ sku: 'any-amount', amount: amount + 1 }, key);
  if (other.status !== 422) throw new Error(`another order under the key ${key} got ${other.status}`);
}

async function publishAgain(
  { publisher }: TestBed,
  shopper: ShopperClient,
  { purchaseId }: Bought,
): Promise<void> {
  const answer = await shopper.request(`/api/purchases/${purchaseId}`);
  const { purchase } = recordedPurchaseSchema.parse(await answer.json());
  await publisher.publish({
    component: components.pubsub,
    topic: topics.purchaseEvents,
    event: { ...purchasePlaced(purchase), id: v4() },
    partitionKey: shopperKey(shopper.id),
  });
}

async function requireInJournal({ shop }: TestBed, purchaseId: string): Promise<void> {
  const url = `${shop.system.url(appIds.purchaseService)}${purchaseApiPath}?purchaseId=${purchaseId}`;
  const { purchases } = journalPageSchema.parse(await (await fetch(url)).json());
  if (purchases.length !== 1) throw new Error(`the journal has ${purchases.length} purchases with one id`);
}
