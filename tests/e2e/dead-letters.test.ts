import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  appIds,
  deadLetterApiPath,
  purchasePlaced,
  topics,
  type DeadLetter,
} from '@unity-purchase/contracts';
import { waitUntil, createCleanup } from '@unity-purchase/tools';
import { v7 } from 'uuid';
import type { BrokerClient } from '@unity-purchase/tools/test-clients';
import { listDeadLetters } from '../system/list-dead-letters.js';
import { createPurchase } from '../system/create-purchase.js';
import { keepUnrecorded } from '../system/keep-unrecorded.js';
import { readMetric } from '../system/prometheus.js';
import { run, terminalEnv } from '../system/run-command.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

const cleanup = createCleanup();
let shop: TestSystem;
let broker: BrokerClient;

beforeAll(async () => {
  shop = cleanup.add(await startTestSystem());
  broker = cleanup.add(await shop.connectToBroker());
}, 120_000);

afterAll(cleanup.run, 60_000);

const keptWithinMs = 30_000;

const deadLetters = () => listDeadLetters(shop.purchaseService);

/** Resolves with the newest dead letter once there are `count`. */
async function waitForLetters(count: number): Promise<DeadLetter> {
  await waitUntil(async () => {
    const there = (await deadLetters()).length;
    return there === count || `${there} of ${count} dead letters are kept`;
  }, keptWithinMs);
  const [newest] = await deadLetters();
  if (newest === undefined) throw new Error('there is no dead letter');
  return newest;
}

/** `npm run dead-letters -- …` as an operator types it. */
async function command(...args: string[]): Promise<{ code: number | null; output: string }> {
  await using started = run(
    'npm',
    ['run', '--silent', 'dead-letters', '--', ...args, '--url', shop.purchaseService],
    {
      env: terminalEnv(),
    },
  );
  return { code: await started.exited, output: started.output() };
}

test('keeps unreadable and invalid events byte for byte, with the reason', async () => {
  const before = (await deadLetters()).length;
  const messages: [message: unknown, reason: string][] = [
    ['{"half":', 'unreadable'],
    [{ ...purchasePlaced(createPurchase('eve')), type: 'purchase.placed.v9' }, 'invalid'],
  ];
  for (const [index, [message, reason]] of messages.entries()) {
    await broker.publish(topics.purchaseEvents, message);
    const letter = await waitForLetters(before + index + 1);
    expect([letter.reason, letter.state]).toEqual([reason, 'waiting']);
    const shown = await command('show', letter.id);
    expect(shown.code).toBe(0);
    expect(shown.output).toContain(typeof message === 'string' ? message : '"purchase.placed.v9"');
  }
  const metrics = `${shop.purchaseService}/metrics`;
  expect(await readMetric(metrics, 'dead_letters_total')).toBeGreaterThanOrEqual(2);
});

test('an event that ran out of retries is shown to the shopper, then replayed and recorded once', async () => {
  const before = (await deadLetters()).length;
  const ada = await signIn(shop.storefront);
  const purchase = createPurchase(ada.id, 1600);
  const status = async () => {
    const response = await ada.request(`/api/purchases/${purchase.purchaseId}`);
    return ((await response.json()) as { status: unknown }).status;
  };
  await keepUnrecorded(shop, purchasePlaced(purchase), { broker });
  const letter = await waitForLetters(before + 1);
  expect(letter).toMatchObject({ reason: 'not-recorded', purchaseId: purchase.purchaseId });
  expect(await status()).toBe('delayed');

  for (const time of [1, 2]) {
    const replayed = await command('replay', letter.id);
    expect([time, replayed.code]).toEqual([time, 0]);
  }
  await ada.waitForRecords(1);
  expect(await status()).toBe('recorded');
  expect((await command('show', letter.id)).output).toContain('was recorded at');
  // Both replays are delivered before the next purchase.
  await ada.buy({ sku: 'honey' });
  await ada.waitForRecords(2);
  expect((await ada.history()).totals).toEqual({ count: 2, sums: { EUR: 1600 + 995 } });
});

test('one command replays everything that can be replayed, and leaves the rest', async () => {
  await broker.publish(topics.purchaseEvents, `poison ${v7()}`);
  const ada = await signIn(shop.storefront);
  for (const unitPrice of [1600, 1700])
    await keepUnrecorded(shop, purchasePlaced(createPurchase(ada.id, unitPrice)), { broker });
  const earlier = new Date(Date.now() - 60_000).toISOString();
  const none = await command('replay', '--all', '--reason', 'not-recorded', '--before', earlier);
  expect(none).toEqual({ code: 0, output: expect.stringMatching(/^Replayed: 0\..* Still to check: 0\.$/m) });
  const all = await command('replay', '--all');
  expect(all).toEqual({
    code: 0,
    output: expect.stringMatching(
      /^[0-9a-f]{32} {2}cannot be replayed: its event is not valid\n[^]*^Replayed: 2\. Waiting, but cannot be replayed: [1-9]\d*\. Still to check: 0\.$/m,
    ),
  });
  await ada.waitForRecords(2);
  const again = await command('replay', '--all');
  expect(again).toEqual({ code: 0, output: expect.stringMatching(/^Replayed: 0\./m) });
  expect((await ada.history()).totals).toEqual({ count: 2, sums: { EUR: 3300 } });
});

test('an invalid event cannot be replayed, but can be discarded, with a reason', async () => {
  const before = (await deadLetters()).length;
  await broker.publish(topics.purchaseEvents, `poison ${v7()}`);
  const { id } = await waitForLetters(before + 1);
  const refused = await command('replay', id);
  expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('not a valid event')]);
  expect((await command('discard', id, '--because', 'not from our shop')).code).toBe(0);
  expect((await command('list', '--limit', '1')).output).toMatch(
    new RegExp(`^${id} .* discarded .* discarded because: not from our shop`),
  );
  const hour = [-30, 30].map((minutes) => new Date(Date.now() + minutes * 60_000).toISOString());
  const [from = '', until = ''] = hour;
  const period = await command('list', '--reason', 'unreadable', '--from', from, '--before', until);
  expect([period.code, period.output]).toEqual([0, expect.stringContaining(id)]);
  const list = async (which: string) => (await command('list', '--list', which, '--limit', '100')).output;
  expect([(await list('discarded')).includes(id), (await list('waiting')).includes(id)]).toEqual([
    true,
    false,
  ]);
});

test('a purchase that was recorded since is on that list, and its dead letter cannot be discarded', async () => {
  const ada = await signIn(shop.storefront);
  const purchase = createPurchase(ada.id, 1600);
  await keepUnrecorded(shop, purchasePlaced(purchase), { broker });
  const [letter] = await deadLetters();
  await broker.publish(topics.purchaseEvents, { ...purchasePlaced(purchase), id: v7() });
  await ada.waitForRecords(1);
  const { output } = await command('list', '--list', 'recorded', '--reason', 'not-recorded', '--limit', '1');
  expect(output).toMatch(
    new RegExp(`^${letter?.id ?? ''} .* recorded .* ${purchase.purchaseId}  shopper ${ada.id}  16\\.00 EUR`),
  );
  const refused = await command('discard', letter?.id ?? '', '--because', 'a test');
  expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('is recorded')]);
});

test('a storefront of version 0.1.0, which sends no reason through its sidecar, can still discard', async () => {
  const before = (await deadLetters()).length;
  await broker.publish(topics.purchaseEvents, `poison ${v7()}`);
  const { id } = await waitForLetters(before + 1);
  const { daprHttp } = shop.system.ports(appIds.storefront);
  const path = `/v1.0/invoke/${appIds.purchaseService}/method${deadLetterApiPath}/${id}/discard`;
  const response = await fetch(`http://127.0.0.1:${daprHttp}${path}`, { method: 'POST' });
  expect([response.status, await response.json()]).toEqual([
    200,
    expect.objectContaining({ state: 'discarded' }),
  ]);
});

test.each([
  [['list', 'x'], 'Not the id of a dead letter'],
  [['burn'], 'An action with its arguments is required'],
  [['show'], 'An action with its arguments is required'],
  [['list', '--all'], '--all is for replay, without ids'],
  [['discard', 'a'.repeat(32)], '--because TEXT is required'],
  [['discard', 'a'.repeat(32), '--because', 'two\nlines'], '--because TEXT is required'],
  [['replay', '--all', '--because', 'x'], '--because is for discard'],
  [['show', 'a'.repeat(32), '--reason', 'invalid'], '--reason, --from and --before are for list'],
  [['replay', '--all', '--list', 'waiting'], '--list is for list'],
])('npm run dead-letters -- %j says how it is used', async (args, words) => {
  const { code, output } = await command(...args);
  expect([code, output]).toEqual([64, expect.stringContaining(words)]);
  expect(output).toMatch(/Usage: npm run dead-letters [^]* replay ID\.\.\./);
});
