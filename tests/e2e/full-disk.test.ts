import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { waitUntil } from '@unity-purchase/tools';
import { v7 } from 'uuid';
import { signIn, type ShopperClient } from '../system/shopper-client.js';
import { mountSmallDisk, whyNoSmallDisk } from '../system/small-disk.js';
import { startTestSystem } from '../system/test-system.js';

const obstacle = await whyNoSmallDisk();

/** Without the right to mount a disk, the tests are reported as skipped, with the reason in their name. */
const withSmallDisk = obstacle === undefined ? test : test.skip;
const reason = obstacle === undefined ? '' : ` (SKIPPED: no small disk can be mounted: ${obstacle})`;

/** A disk with room for a start, and for the room that a server needs to start again. */
const pairs = [
  { broker: 'jetstream', store: 'sqlite', mebibytes: 96 },
  { broker: 'kafka', store: 'postgresql', mebibytes: 768 },
  { broker: 'redis', store: 'redis', mebibytes: 96 },
] as const;

/** More orders than fit into what a server has reserved on its disk. */
const ordersMax = 2_000;

const sellsAgainWithinMs = 60_000;
const healthyWithinMs = 5_000;

/** Buys until a purchase is refused. Returns the ids that were accepted, and the one that was not. */
async function buyUntilRefused(shopper: ShopperClient): Promise<{ accepted: string[]; refused: string }> {
  const accepted: string[] = [];
  while (accepted.length < ordersMax) {
    const id = v7();
    const { status } = await shopper.tryToBuy({ sku: 'mug' }, id);
    if (status === 503) return { accepted, refused: id };
    expect(status).toBe(202);
    accepted.push(id);
  }
  throw new Error(`${accepted.length} purchases were accepted on a full disk`);
}

describe.each(pairs)('a full disk under $broker and $store', ({ broker, store, mebibytes }) => {
  withSmallDisk(
    `ends selling, and selling starts by itself when there is room; nothing that was accepted is lost${reason}`,
    async () => {
      await using disk = await mountSmallDisk(mebibytes);
      await using shop = await startTestSystem({ broker, store, dataDir: join(disk.path, 'data') });
      const ada = await signIn(shop.storefront);
      const { purchaseId } = await ada.buy({ sku: 'mug' });
      await ada.waitForRecords(1);

      await disk.fill();
      const { accepted, refused } = await buyUntilRefused(ada);
      const health = await fetch(`${shop.storefront}/health`);
      expect(health.status).toBe(503);
      expect(await health.json()).toMatchObject({
        checks: expect.arrayContaining([expect.objectContaining({ name: 'broker', status: 'down' })]),
      });

      await disk.free();
      await waitUntil(async () => {
        const { status } = await ada.tryToBuy({ sku: 'mug' }, refused);
        return status === 202 || `buying is answered with ${status}`;
      }, sellsAgainWithinMs);
      // The answer may be a second old.
      await waitUntil(async () => {
        const { status } = await fetch(`${shop.storefront}/health`);
        return status === 200 || `the health is answered with ${status}`;
      }, healthyWithinMs);
      const all = [purchaseId, ...accepted, refused];
      await ada.waitForRecords(all.length);
      const recorded = await ada.wholeHistory();
      expect(recorded.map((purchase) => purchase.purchaseId).sort()).toEqual(all.sort());
    },
    300_000,
  );
});
