import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  auditApiPath,
  auditPageSchema,
  clockDifferenceMaxMs,
  purchasePlaced,
  shopperExportLineSchema,
  topics,
} from '@unity-purchase/contracts';
import { waitUntil, createCleanup } from '@unity-purchase/tools';
import type { BrokerClient } from '@unity-purchase/tools/test-clients';
import { listDeadLetters } from '../system/list-dead-letters.js';
import { readMetric } from '../system/prometheus.js';
import { createPurchase } from '../system/create-purchase.js';
import { run, terminalEnv } from '../system/run-command.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

const cleanup = createCleanup();
let shop: TestSystem;
let broker: BrokerClient;
let folder: string;

beforeAll(async () => {
  shop = cleanup.add(await startTestSystem());
  broker = cleanup.add(await shop.connectToBroker());
  folder = await mkdtemp(join(tmpdir(), 'shoppers-'));
}, 120_000);

afterAll(async () => {
  await cleanup.run();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const withinMs = 30_000;

/** `npm run shoppers -- …` as the operator Grace types it. */
async function command(...args: string[]): Promise<{ code: number | null; output: string }> {
  const all = ['run', '--silent', 'shoppers', '--', ...args, '--url', shop.purchaseService];
  await using started = run('npm', all, { env: { ...terminalEnv(), OPERATOR_NAME: 'Grace' } });
  return { code: await started.exited, output: started.output() };
}

async function linesOf(file: string) {
  const text = await readFile(file, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => shopperExportLineSchema.parse(JSON.parse(line)));
}

test('exports and erases a shopper, including redelivered events, and leaves other shoppers alone', async () => {
  const ada = await signIn(shop.storefront);
  const bob = await signIn(shop.storefront, 'bob', 'Bob');
  for (const shopper of [ada, bob]) {
    for (const sku of ['mug', 'honey']) await shopper.buy({ sku });
    await shopper.waitForRecords(2);
  }
  // Placed long enough ago that it was certainly placed before the erasure, whatever the difference between clocks.
  const placedAt = new Date(Date.now() - 2 * clockDifferenceMaxMs).toISOString();
  const late = purchasePlaced({ ...createPurchase(ada.id), placedAt });
  await broker.publish(topics.purchaseEvents, { ...late, type: 'purchase.placed.v9' });
  await waitUntil(async () => {
    const { length } = await listDeadLetters(shop.purchaseService);
    return length === 1 || `${length} dead letters are kept`;
  }, withinMs);

  const file = join(folder, 'ada.ndjson');
  const erased = await command('erase', ada.id, '--export', file, '--again-after', '0');
  expect([erased.code, erased.output.split('\n')]).toEqual([
    0,
    [
      `Exported to ${file}: 2 purchases, 2 journal entries, 1 dead letters.`,
      'Erased: 2 purchases, 2 journal entries, 1 dead letters.',
      'In 0 seconds, erasing what arrived meanwhile ...',
      'Also erased: 0 purchases, 0 journal entries, 0 dead letters.',
      expect.stringMatching(
        /^Not reached: events at the broker, until \d{4}-\d\d-\d\dT.+Z at the latest; backups/,
      ),
      '',
    ],
  ]);
  expect((await stat(file)).mode & 0o077).toBe(0);
  expect((await linesOf(file)).map(({ kind }) => kind)).toEqual([
    ...['purchase', 'purchase', 'journal-entry', 'journal-entry', 'dead-letter', 'end'],
  ]);

  expect(await ada.wholeHistory()).toEqual([]);
  expect(await listDeadLetters(shop.purchaseService)).toEqual([]);
  expect((await bob.history()).totals).toMatchObject({ count: 2 });
  const audit = auditPageSchema.parse(await (await fetch(`${shop.purchaseService}${auditApiPath}`)).json());
  const actions = audit.entries.filter(({ operator }) => operator === 'Grace').map(({ action }) => action);
  expect(actions).toEqual(['erase-shopper', 'erase-shopper', 'export-shopper']);
  const journal = await (await fetch(`${shop.purchaseService}/api/purchases`)).text();
  expect(journal).toContain(bob.id);
  expect(journal).not.toContain(ada.id);

  await broker.publish(topics.purchaseEvents, late);
  await waitUntil(async () => {
    const count = await readMetric(`${shop.purchaseService}/metrics`, 'purchase_events_erased_total');
    return count === 1 || `${count} events of erased shoppers came`;
  }, withinMs);
  expect(await ada.wholeHistory()).toEqual([]);
  await ada.buy({ sku: 'honey' });
  await ada.waitForRecords(1);
  expect((await ada.history()).totals).toEqual({ count: 1, sums: { EUR: 995 } });
});

test('an export refuses to overwrite a file', async () => {
  const file = join(folder, 'nobody.ndjson');
  expect((await command('export', 'nobody', '--file', file)).code).toBe(0);
  const again = await command('export', 'nobody', '--file', file);
  expect([again.code, again.output]).toEqual([1, expect.stringContaining('file already exists')]);
});

test.each([
  [['erase', 'ada'], 'An action with its options is required'],
  [['erase', 'ada', '--no-export', '--export', 'x'], 'An action with its options is required'],
  [['export', 'ada'], 'An action with its options is required'],
  [['export', '--file', 'x'], 'One shopper id is required'],
  [['erase', 'ada', '--no-export', '--again-after', 'soon'], 'takes a number of seconds'],
])('npm run shoppers -- %j says how it is used', async (args, words) => {
  const { code, output } = await command(...args);
  expect([code, output]).toEqual([64, expect.stringContaining(words)]);
  expect(output).toMatch(/Usage: npm run shoppers [^]* erase SHOPPER --export FILE/);
});
