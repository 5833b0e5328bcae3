import { describe, expect, test } from '@jest/globals';
import {
  clockDifferenceMaxMs,
  deadLetterApiPath,
  eventRoutes,
  purchaseApiPath,
  purchasePlaced,
  shopperApiPath,
  shopperExportLineSchema,
  shopperKey,
  type Purchase,
} from '@unity-purchase/contracts';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { createTestApp } from '../fakes/test-app.js';
import { aPurchase } from '../fakes/purchases.js';
import { whileUnrecordable } from '../fakes/unrecordable.js';

/** A shopper id that occurs nowhere else in the store. */
const ada = 'ada-lovelace';

type TestApp = ReturnType<typeof createTestApp>;

const placedMs = Date.UTC(2026, 0, 1);
/** Late enough that everything placed before is certainly older, whatever the difference between clocks. */
const erasedMs = placedMs + clockDifferenceMaxMs + 1;
const afterErasureMs = Date.UTC(2026, 0, 1, 1);

const buy = ({ app }: Pick<TestApp, 'app'>, purchase: Purchase) =>
  deliver(app, eventRoutes.purchases, JSON.stringify(purchasePlaced(purchase)));

function deliver(app: TestApp['app'], route: string, body: string) {
  return request(app).post(route).set('Content-Type', 'application/cloudevents+json').send(body);
}

/** Delivers bytes as the sidecar does for a subscription with raw payloads. */
const deliverDead = (app: TestApp['app'], bytes: string) =>
  deliver(
    app,
    eventRoutes.deadLetters,
    JSON.stringify({ data_base64: Buffer.from(bytes).toString('base64') }),
  );

async function exported(app: TestApp['app'], shopper: string) {
  const response = await request(app)
    .get(`${shopperApiPath}/${encodeURIComponent(shopper)}`)
    .buffer(true)
    .parse((stream, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        done(null, Buffer.concat(chunks).toString());
      });
    });
  const text = String(response.body);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => shopperExportLineSchema.parse(JSON.parse(line)));
}

const erase = (app: TestApp['app'], shopper: string) =>
  request(app).delete(`${shopperApiPath}/${encodeURIComponent(shopper)}`);

/** Another process erases a shopper. The shop's process still remembers what is erased in its store. */
async function eraseInAnotherProcess({ store }: Pick<TestApp, 'store'>, shopper: string): Promise<void> {
  const eraser = createTestApp(erasedMs);
  for (const [key, value] of store.values) eraser.store.values.set(key, value);
  await erase(eraser.app, shopper);
  store.values.clear();
  for (const [key, value] of eraser.store.values) store.values.set(key, value);
}

/** A dead letter that names a shopper inside more levels of JSON than a stack has room for. */
const deepLetter = (shopper: string) =>
  `${'['.repeat(50_000)}${JSON.stringify(shopper)}${']'.repeat(50_000)}`;

/** Ada and Bob have bought. There is a dead letter of Ada's, and one that belongs to no one. */
async function aShop() {
  const shop = createTestApp(erasedMs);
  const adas = Array.from({ length: 3 }, () => aPurchase({ shopperId: ada }));
  const bobs = Array.from({ length: 3 }, () => aPurchase({ shopperId: 'bob', name: 'Bob' }));
  for (const [index, purchase] of adas.entries()) {
    await buy(shop, purchase);
    await buy(shop, bobs[index] ?? purchase);
  }
  const dead = purchasePlaced(aPurchase({ shopperId: ada }));
  await deliverDead(shop.app, JSON.stringify({ ...dead, type: 'purchase.placed.v9' }));
  await deliverDead(shop.app, '{"subject":"bob","no":"purchase"}');
  return { ...shop, adas, bobs };
}

describe('GET /api/shoppers/{shopper}', () => {
  test('exports everything about one shopper, with the counts', async () => {
    const { app, adas } = await aShop();
    const lines = await exported(app, ada);
    expect(lines.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: 3 }, () => 'purchase'),
      ...Array.from({ length: 3 }, () => 'journal-entry'),
      'dead-letter',
      'end',
    ]);
    expect(lines.at(-1)).toEqual({ kind: 'end', purchases: 3, journalEntries: 3, deadLetters: 1 });
    expect(lines.flatMap((line) => (line.kind === 'purchase' ? [line.purchase] : []))).toEqual(adas);
    expect(JSON.stringify(lines)).not.toContain('bob');
  });

  test('accepts the key instead of the id, and exports only the end for an unknown shopper', async () => {
    const { app } = await aShop();
    expect(await exported(app, shopperKey(ada))).toEqual(await exported(app, ada));
    expect(await exported(app, 'nobody')).toEqual([
      { kind: 'end', purchases: 0, journalEntries: 0, deadLetters: 0 },
    ]);
  });

  test('includes a dead letter that is nested 50,000 levels deep, and is not disturbed by those of others', async () => {
    const { app } = await aShop();
    for (const shopper of [ada, 'bob'])
      expect((await deliverDead(app, deepLetter(shopper))).status).toBe(200);
    expect((await exported(app, ada)).at(-1)).toMatchObject({ kind: 'end', deadLetters: 2 });
    expect((await erase(app, ada)).body).toMatchObject({ deadLetters: 2 });
  });

  test('answers 503 while the store returns damaged data', async () => {
    const { app, store } = await aShop();
    store.values.set(`history:${shopperKey(ada)}:1`, 'nonsense');
    expect((await request(app).get(`${shopperApiPath}/${ada}`)).status).toBe(503);
  });

  test('aborts when a segment is missing, instead of leaving it out', async () => {
    const { app, store } = await aShop();
    const entries = [...store.values].filter(([key]) => /^journal:\d+:2$/.test(key));
    expect(entries).toHaveLength(1);
    for (const [key] of entries) store.values.set(key.replace(/:2$/, ':16'), store.values.get(key) ?? '');
    for (const [key] of entries) store.values.set(key.replace(/:2$/, ''), '{"segment":16}');
    await expect(exported(app, ada)).rejects.toThrow('aborted');
  });

  test('has no end when it is interrupted', async () => {
    const { app, store } = await aShop();
    const read = store.getBulk.bind(store);
    store.getBulk = (keys) =>
      keys.some((key) => key.startsWith('journal:')) ? Promise.reject(new Error('gone')) : read(keys);
    await expect(exported(app, ada)).rejects.toThrow('aborted');
  });
});

/** The lines of a stream, while another part of a shop holds up its reads of the journal. */
async function openStream(shop: TestApp, method: 'GET' | 'POST', path: string) {
  const read = shop.store.getBulk.bind(shop.store);
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  shop.store.getBulk = async (keys) => {
    if (keys.some((key) => key.startsWith('journal:'))) await released;
    return read(keys);
  };
  const server = createServer(shop.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { body } = await fetch(`http://127.0.0.1:${port}${shopperApiPath}/${path}`, { method });
  const lines = linesOf(body);
  return { lines, release, close: () => new Promise((resolve) => server.close(resolve)) };
}

async function* linesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<{ kind: string }> {
  let rest = '';
  for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as { kind: string };
  }
}

describe.each([
  ['an export', 'GET', `${ada}?progress=true`],
  ['an erasure', 'POST', `${ada}/erasure`],
] as const)('the progress of %s', (_what, method, path) => {
  test('begins at once and continues while the journal is read, and the end has the counts', async () => {
    const shop = await aShop();
    const stream = await openStream(shop, method, path);
    const first = await stream.lines.next();
    expect(first.value).toEqual({ kind: 'progress', reading: 'history', entries: 0 });
    for (;;) {
      const { value } = (await stream.lines.next()) as { value: { kind: string; reading?: string } };
      if (value.reading === 'journal') break;
    }
    stream.release();
    const rest: { kind: string }[] = [];
    for await (const line of stream.lines) rest.push(line);
    expect(rest.at(-1)).toMatchObject({ kind: 'end', purchases: 3, journalEntries: 3, deadLetters: 1 });
    await stream.close();
  });
});

describe('POST /api/shoppers/{shopper}/erasure', () => {
  test('has no end when the store fails, and erases the rest when it is repeated', async () => {
    const { app, store } = await aShop();
    const update = store.update.bind(store);
    const drop = store.delete.bind(store);
    let left = 0;
    const interrupt = () => (left -= 1) < 0 && Promise.reject(new Error('the store is unavailable'));
    store.update = (key, change) => interrupt() || update(key, change);
    store.delete = (key) => interrupt() || drop(key);
    const eraseInSteps = () => request(app).post(`${shopperApiPath}/${ada}/erasure`).buffer(true);
    await expect(eraseInSteps()).rejects.toThrow('aborted');
    left = Infinity;
    expect((await eraseInSteps()).text).toContain('"kind":"end"');
    expect([...store.values].filter(([key, value]) => `${key} ${value}`.includes(ada))).toEqual([]);
  });

  test('is audited, and needs the operator token', async () => {
    const { app } = createTestApp(placedMs, { sidecar: 'of-the-sidecar', operator: 'of-operators' });
    const post = () => request(app).post(`${shopperApiPath}/${ada}/erasure`);
    expect((await post().set('dapr-api-token', 'of-the-sidecar')).status).toBe(401);
    expect((await post().set('authorization', 'Bearer of-operators')).status).toBe(200);
  });
});

describe('DELETE /api/shoppers/{shopper}', () => {
  test('leaves only the erasure of the shopper in the store, and other shoppers unchanged', async () => {
    const { app, store, bobs } = await aShop();
    const erased = await erase(app, ada);
    expect([erased.status, erased.body]).toEqual([
      200,
      {
        erasedAt: '2026-01-01T00:10:00.001Z',
        // Fourteen days later.
        eventsKeptUntil: '2026-01-15T00:10:00.001Z',
        purchases: 3,
        journalEntries: 3,
        deadLetters: 1,
      },
    ]);
    const kept = [...store.values].filter(([key, value]) => `${key} ${value}`.includes(ada));
    expect(kept).toEqual([]);
    const underKey = [...store.values.keys()].filter((key) => key.includes(shopperKey(ada)));
    expect(underKey.filter((key) => !/^(history|shopper-index):/.test(key))).toEqual([
      `erased:${shopperKey(ada)}`,
    ]);
    expect(await exported(app, ada)).toHaveLength(1);

    const page = await request(app).get(`${purchaseApiPath}/${ada}`);
    expect(page.body).toEqual({ purchases: [], totals: { count: 0, sums: {} } });
    const { body: journal } = (await request(app).get(purchaseApiPath)) as {
      body: { purchases: { purchaseId: string }[] };
    };
    expect(journal.purchases.map(({ purchaseId }) => purchaseId)).toEqual(
      bobs.map(({ purchaseId }) => purchaseId).reverse(),
    );
    const { body: bob } = (await request(app).get(`${purchaseApiPath}/bob`)) as { body: { totals: unknown } };
    expect(bob.totals).toEqual({ count: 3, sums: { EUR: 300 } });
    const { body: dead } = (await request(app).get(deadLetterApiPath)) as {
      body: { deadLetters: unknown[] };
    };
    expect(dead.deadLetters).toHaveLength(1);
  });

  test('leaves the segment numbers of every log without gaps', async () => {
    const { app, store } = await aShop();
    await erase(app, ada);
    for (const log of ['dead-letters', `history:${shopperKey(ada)}`, `history:${shopperKey('bob')}`]) {
      const numbers = [...store.values.keys()].flatMap((key) =>
        key.startsWith(`${log}:`) ? [Number(key.slice(log.length + 1))] : [],
      );
      expect([log, numbers.sort((a, b) => a - b)]).toEqual([log, numbers.map((_, index) => index + 1)]);
    }
  });

  test.each(['the same process', 'another process'])(
    'records nothing that is redelivered afterwards, in %s',
    async (where) => {
      const { adas, ...shop } = await aShop();
      await erase(shop.app, ada);
      const again = where === 'the same process' ? shop : createTestApp(erasedMs);
      if (again !== shop) for (const [key, value] of shop.store.values) again.store.values.set(key, value);
      const before = new Map(again.store.values);
      for (const purchase of adas) expect((await buy(again, purchase)).body).toEqual({ status: 'SUCCESS' });
      await deliverDead(again.app, JSON.stringify(purchasePlaced(aPurchase({ shopperId: ada }))));
      expect(again.store.values).toEqual(before);
      expect(await again.registry.metrics()).toContain('purchase_events_erased_total 4');
    },
  );

  test('records nothing that another process erased although this one remembers it', async () => {
    const { app, store, adas } = await aShop();
    const eraser = createTestApp(erasedMs);
    for (const [key, value] of store.values) eraser.store.values.set(key, value);
    await erase(eraser.app, ada);
    store.values.clear();
    for (const [key, value] of eraser.store.values) store.values.set(key, value);
    for (const purchase of [...adas, aPurchase({ shopperId: ada, placedMs: placedMs + 1 })])
      expect((await buy({ app }, purchase)).body).toEqual({ status: 'SUCCESS' });
    expect(await exported(app, ada)).toHaveLength(1);
  });

  test.each([
    ['half a minute', 30_000],
    ['almost ten minutes', clockDifferenceMaxMs - 1],
  ])(
    'records a purchase made afterwards in a storefront whose clock is %s behind',
    async (_what, behindMs) => {
      const shop = await aShop();
      await erase(shop.app, ada);
      const purchase = aPurchase({ shopperId: ada, placedMs: erasedMs - behindMs });
      for (const again of [shop, createTestApp(erasedMs)]) {
        if (again !== shop) for (const [key, value] of shop.store.values) again.store.values.set(key, value);
        expect((await buy(again, purchase)).body).toEqual({ status: 'SUCCESS' });
        const lines = await exported(again.app, ada);
        expect(lines.map(({ kind }) => kind)).toEqual(['purchase', 'journal-entry', 'end']);
      }
    },
  );

  test('keeps a dead letter that may have been placed afterwards', async () => {
    const { app, store } = await aShop();
    await erase(app, ada);
    const purchase = aPurchase({ shopperId: ada, placedMs: erasedMs - 30_000 });
    await whileUnrecordable(store, ada, async () => {
      await deliverDead(app, JSON.stringify(purchasePlaced(purchase)));
    });
    const lines = await exported(app, ada);
    expect(lines.map(({ kind }) => kind)).toEqual(['dead-letter', 'end']);
  });

  test('leaves a purchase that another process erased out of the journal, even if the clocks are in doubt', async () => {
    const shop = createTestApp(erasedMs);
    const purchase = aPurchase({ shopperId: ada, placedMs: erasedMs - 30_000 });
    await buy(shop, purchase);
    await eraseInAnotherProcess(shop, ada);
    expect((await buy(shop, purchase)).body).toEqual({ status: 'SUCCESS' });
    expect(await exported(shop.app, ada)).toHaveLength(1);
  });

  test('leaves room for an order that is placed again, also in a process that remembers the erased one', async () => {
    const shop = createTestApp(erasedMs);
    const purchase = aPurchase({ shopperId: ada, placedMs: erasedMs - 30_000 });
    await buy(shop, purchase);
    await eraseInAnotherProcess(shop, ada);
    await buy(shop, { ...purchase, placedAt: new Date(erasedMs + 1000).toISOString() });
    const kinds = (await exported(shop.app, ada)).map(({ kind }) => kind);
    expect(kinds).toEqual(['purchase', 'journal-entry', 'end']);
  });

  test('is reported with every purchase of the shopper that is not recorded', async () => {
    const { app, adas } = await aShop();
    const path = `${purchaseApiPath}/${ada}/${adas[0]?.purchaseId ?? ''}`;
    await request(app).get(path).expect(200);
    await erase(app, ada);
    const answer = await request(app).get(path).expect(404);
    expect(answer.body).toMatchObject({
      code: 'purchase-not-recorded',
      erasedAt: '2026-01-01T00:10:00.001Z',
    });
    const stranger = await request(app).get(`${purchaseApiPath}/eve/${adas[0]?.purchaseId ?? ''}`);
    expect(stranger.body).not.toHaveProperty('erasedAt');
  });

  test('lets the shopper buy again, in a new history', async () => {
    const { app } = await aShop();
    await erase(app, ada);
    for (const time of [1, 2, 3])
      await buy({ app }, aPurchase({ shopperId: ada, placedMs: afterErasureMs + time }));
    for (const limit of [1, 2, 3]) {
      const { body } = (await request(app).get(`${purchaseApiPath}/${ada}?limit=${limit}`)) as {
        body: { purchases: unknown[]; totals: unknown; next?: string };
      };
      expect(body.purchases).toHaveLength(limit);
      expect(body.totals).toEqual({ count: 3, sums: { EUR: 300 } });
      // The page does not offer older purchases, because none are left.
      expect(body.next === undefined).toBe(limit === 3);
    }
  });

  test('erases the rest when it is repeated after an interruption', async () => {
    const { app, store } = await aShop();
    const update = store.update.bind(store);
    const drop = store.delete.bind(store);
    let left = 0;
    const interrupt = () => (left -= 1) < 0 && Promise.reject(new Error('the store is unavailable'));
    for (let steps = 0; ; steps += 1) {
      left = steps;
      store.update = (key, change) => interrupt() || update(key, change);
      store.delete = (key) => interrupt() || drop(key);
      if ((await erase(app, ada)).status === 200) break;
    }
    expect([...store.values].filter(([key, value]) => `${key} ${value}`.includes(ada))).toEqual([]);
    expect([...store.values.keys()].filter((key) => key.startsWith('dead-letter:'))).toHaveLength(1);
  });

  test('keeps a dead letter without a readable time that arrives afterwards', async () => {
    const { app } = await aShop();
    const unreadableTime = JSON.stringify({ subject: ada, placedAt: 'some time' });
    await deliverDead(app, unreadableTime);
    await erase(app, ada);
    await deliverDead(app, unreadableTime);
    const lines = await exported(app, ada);
    expect(lines.map(({ kind }) => kind)).toEqual(['dead-letter', 'end']);
  });

  test('needs the operator token: the sidecar’s token is not enough', async () => {
    const { app } = createTestApp(placedMs, { sidecar: 'of-the-sidecar', operator: 'of-operators' });
    const asSidecar = await erase(app, ada).set('dapr-api-token', 'of-the-sidecar');
    expect(asSidecar.status).toBe(401);
    const asOperator = await erase(app, ada).set('authorization', 'Bearer of-operators');
    expect(asOperator.status).toBe(200);
  });

  test('does not log who the shopper was', async () => {
    const { app, logLines } = await aShop();
    logLines.length = 0;
    await exported(app, ada);
    await erase(app, ada);
    expect(logLines.join('\n')).not.toContain(ada);
    expect(logLines.join('\n')).toContain('an operator erased a shopper');
  });
});
