import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { appIds, topics } from '@unity-purchase/contracts';
import { readMetric } from '../system/prometheus.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystemOptions } from '../system/test-system.js';

const systemMs = 120_000;

let dataDir: string;
let backup: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'unity-purchase-'));
  backup = await mkdtemp(join(tmpdir(), 'backup-'));
});

afterEach(async () => {
  for (const folder of [dataDir, backup]) await rm(folder, { recursive: true });
});

const start = (options: TestSystemOptions = {}) => startTestSystem({ dataDir, ...options });

/** Buys `count` mugs and waits until all purchases so far are recorded. */
async function buy(count: number, recorded: number): Promise<void> {
  await using shop = await start();
  const ada = await signIn(shop.storefront, 'ada');
  for (let bought = 0; bought < count; bought += 1) await ada.buy({ sku: 'mug' });
  await ada.waitForRecords(recorded);
}

/** The store's files in a folder. */
const storeFiles = async (folder: string) =>
  (await readdir(folder)).filter((file) => file.startsWith('statestore.db'));

/** Replaces the store's files with the backup's and keeps the broker's. */
async function restoreStore(): Promise<void> {
  for (const file of await storeFiles(dataDir)) await rm(join(dataDir, file));
  for (const file of await storeFiles(backup)) await cp(join(backup, file), join(dataDir, file));
}

/** Deletes the consumer's acknowledgements in the broker while only the shop runs. */
async function deliverAllAgain(): Promise<void> {
  await using shop = await start({ apps: [{ appId: appIds.storefront }] });
  const connection = await connect({ servers: `nats://${shop.addressOf('nats')}`, reconnect: false });
  const manager = await jetstreamManager(connection);
  expect(await manager.consumers.delete(topics.purchaseEvents, appIds.purchaseService)).toBe(true);
  await connection.close();
}

test(
  'a copy of the data folder, put back whole, is the system as it was',
  async () => {
    await buy(2, 2);
    await cp(dataDir, backup, { recursive: true });
    await rm(dataDir, { recursive: true });
    await cp(backup, dataDir, { recursive: true });
    await buy(1, 3);
  },
  systemMs,
);

test(
  'a store put back alone lacks what came after; delivered again, all of it is recorded, once',
  async () => {
    await buy(2, 2);
    await cp(dataDir, backup, { recursive: true });
    await buy(1, 3);
    await restoreStore();
    {
      await using shop = await start();
      const ada = await signIn(shop.storefront, 'ada');
      expect(await ada.wholeHistory()).toHaveLength(2);
    }
    await deliverAllAgain();
    await using shop = await start();
    const ada = await signIn(shop.storefront, 'ada');
    await ada.waitForRecords(3);
    const purchases = await ada.wholeHistory();
    expect(new Set(purchases.map(({ purchaseId }) => purchaseId)).size).toBe(3);
    expect(purchases).toHaveLength(3);
    expect(await readMetric(`${shop.purchaseService}/metrics`, 'purchase_duplicates_total')).toBe(2);
  },
  systemMs,
);
