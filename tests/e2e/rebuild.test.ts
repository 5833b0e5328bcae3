import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  journalPageSchema,
  purchaseApiPath,
  purchasePlaced,
  shopperKey,
  topics,
  type Purchase,
} from '@unity-purchase/contracts';
import { waitUntil } from '@unity-purchase/tools';
import { editSqlite } from '@unity-purchase/tools/test-clients';
import { createPurchase } from '../system/create-purchase.js';
import { run, terminalEnv } from '../system/run-command.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

const systemMs = 240_000;
const hourMs = 60 * 60_000;

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'unity-purchase-'));
});

afterAll(() => rm(dataDir, { recursive: true, force: true }));

const start = () => startTestSystem({ dataDir });

/** `npm run rebuild -- …` as an operator types it. */
async function rebuild(
  shop: TestSystem,
  ...args: string[]
): Promise<{ code: number | null; output: string }> {
  const topic = ['--broker', 'jetstream', '--broker-address', `nats://${shop.addressOf('nats')}`];
  const all = ['run', '--silent', 'rebuild', '--', ...args, ...topic, '--url', shop.purchaseService];
  await using started = run('npm', all, { env: terminalEnv() });
  return { code: await started.exited, output: started.output() };
}

/** What shoppers and operators see, as far as it must be the same after a repair. */
async function seenIn(shop: TestSystem, shoppers: readonly string[]) {
  const histories = [];
  for (const shopper of shoppers) {
    const client = await signIn(shop.storefront, shopper);
    const { totals } = await client.history();
    const ids = (await client.wholeHistory()).map(({ purchaseId }) => purchaseId).sort();
    histories.push({ shopper, totals, ids });
  }
  const answer = await fetch(`${shop.purchaseService}${purchaseApiPath}?limit=100`);
  const { purchases } = journalPageSchema.parse(await answer.json());
  return { histories, journal: purchases.map(({ purchaseId, total }) => [purchaseId, total.amount]).sort() };
}

/** Publishes purchases that were placed an hour ago, and waits for each, so that each has its own segments. */
async function buyLongAgo(shop: TestSystem, shopper: string, count: number): Promise<Purchase[]> {
  await using broker = await shop.connectToBroker();
  const client = await signIn(shop.storefront, shopper);
  const bought: Purchase[] = [];
  for (let number = 1; number <= count; number += 1) {
    const placedAt = new Date(Date.now() - hourMs).toISOString();
    const purchase = { ...createPurchase(shopper, number * 100), placedAt };
    await broker.publish(topics.purchaseEvents, purchasePlaced(purchase));
    await client.waitForRecords(number);
    bought.push(purchase);
  }
  return bought;
}

type Segment = { recordedAt: string; entries: (object | null)[] };
type Values = Map<string, string | null>;

/** Makes everything in the store an hour older: what is younger may still be on its way. */
function older(values: ReadonlyMap<string, string>): Values {
  return new Map(
    [...values]
      .filter(([key]) => /^(history|journal):.*\d$/.test(key))
      .map(([key, value]) => {
        const segment = JSON.parse(value) as Segment;
        const recordedAt = new Date(Date.parse(segment.recordedAt) - hourMs).toISOString();
        return [key, JSON.stringify({ ...segment, recordedAt })];
      }),
  );
}

function changeEntries(
  values: Values,
  key: string,
  change: (entries: Segment['entries']) => Segment['entries'],
) {
  const segment = JSON.parse(values.get(key) ?? '') as Segment;
  values.set(key, JSON.stringify({ ...segment, entries: change(segment.entries) }));
}

const keyWith = (values: Values, log: string, text: string) =>
  [...values].find(([key, value]) => key.startsWith(`${log}:`) && value?.includes(text) === true)?.[0] ?? '';

test(
  'a damaged store is compared, repaired from the topic and from the histories, and is then as it was',
  async () => {
    const shoppers = ['ada', 'bob'];
    let adas: Purchase[] = [];
    let bobs: Purchase[] = [];
    let before;
    {
      await using shop = await start();
      adas = await buyLongAgo(shop, 'ada', 4);
      bobs = await buyLongAgo(shop, 'bob', 3);
      before = await seenIn(shop, shoppers);
    }
    const idOf = (purchases: readonly Purchase[], index: number) => purchases[index]?.purchaseId ?? '';
    const [ada, bob] = [shopperKey('ada'), shopperKey('bob')];
    await editSqlite(dataDir, (values) => {
      const changed = older(values);
      // The histories lose a segment to foreign bytes, their end, and an entry.
      changed.set(`history:${ada}:2`, 'foreign bytes');
      changed.set(`history:${ada}:4`, null);
      changeEntries(changed, `history:${bob}:1`, () => [null]);
      // The journal gets a losing entry, and loses a segment to foreign bytes, and its end.
      changeEntries(changed, keyWith(changed, 'journal', idOf(bobs, 1)), (entries) => [
        ...entries,
        ...entries.map((entry) => ({ ...entry, total: { amount: 999, currency: 'EUR' } })),
      ]);
      changed.set(keyWith(changed, 'journal', idOf(adas, 0)), 'more foreign bytes');
      changed.set(keyWith(changed, 'journal', idOf(bobs, 2)), null);
      return changed;
    });

    await using shop = await start();
    const history = await rebuild(shop, 'history');
    expect([history.code, history.output]).toEqual([1, expect.stringContaining('differences, 0 repaired')]);
    for (const line of [
      `segment 2 of history:${ada} is not readable`,
      `segment 1 of history:${bob} has wrong totals`,
      `the history lacks ${idOf(adas, 1)} of ${ada}; the topic has its event`,
      `the history lacks ${idOf(adas, 3)} of ${ada}; the topic has its event`,
      `the history lacks ${idOf(bobs, 0)} of ${bob}; the topic has its event`,
    ])
      expect(history.output).toContain(`found         ${line}\n`);
    const journal = await rebuild(shop, 'journal');
    expect(journal.code).toBe(1);
    expect(journal.output).toMatch(/found {9}segment \d+ of journal:\d+ is not readable\n/);
    for (const line of [
      `the journal has ${idOf(bobs, 1)} of ${bob} with another total than the history`,
      `the journal lacks ${idOf(adas, 0)} of ${ada}`,
      `the journal lacks ${idOf(bobs, 2)} of ${bob}`,
    ])
      expect(journal.output).toContain(`found         ${line}\n`);

    const careful = await rebuild(shop, 'history', '--repair');
    expect([careful.code, careful.output]).toEqual([
      1,
      expect.stringContaining(`not repaired  segment 2 of history:${ada} is not readable`),
    ]);
    for (const target of ['history', 'journal']) {
      const repaired = await rebuild(shop, target, '--repair', '--replace-unreadable');
      expect([repaired.code, repaired.output]).toEqual([0, expect.stringContaining('0 left.')]);
    }
    for (const target of ['history', 'journal']) {
      const again = await rebuild(shop, target);
      expect([again.code, again.output]).toEqual([0, expect.stringContaining('There are no differences.')]);
    }
    expect(await seenIn(shop, shoppers)).toEqual(before);
    // Numbers and totals continue from there, and the topic's own consumer was not disturbed.
    const client = await signIn(shop.storefront, 'ada');
    await client.buy({ sku: 'mug' });
    await client.waitForRecords(5);
    expect((await client.history()).totals.count).toBe(5);
    await using broker = await shop.connectToBroker();
    await waitUntil(async () => {
      const backlog = await broker.backlog();
      return backlog === 0 || `${backlog} events wait`;
    }, 30_000);
  },
  systemMs,
);

describe('npm run rebuild', () => {
  test.each([
    [[], 'An action is required'],
    [['both'], 'An action is required'],
    [['journal', '--remove-unknown'], '--remove-unknown needs --repair'],
    [['journal', '--broker-address', 'x'], '--broker-address needs --broker'],
    [['journal', '--shopper', ''], 'is not a shopper id'],
  ])('with %j says how it is used', async (args, words) => {
    await using started = run('npm', ['run', '--silent', 'rebuild', '--', ...args], { env: terminalEnv() });
    expect([await started.exited, started.output()]).toEqual([64, expect.stringContaining(words)]);
    expect(started.output()).toContain('Usage: npm run rebuild');
  });
});
