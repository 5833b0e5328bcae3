import { expect, test } from '@jest/globals';
import {
  auditPageSchema,
  eventRoutes,
  problemDetailsSchema,
  purchasePlaced,
  rebuildApiPath,
  rebuildEventsAnswerSchema,
  rebuildEventsMax,
  rebuildLineSchema,
  shopperExportMediaType,
  shopperKey,
} from '@unity-purchase/contracts';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { aPurchase } from '../fakes/purchases.js';
import { createTestApp } from '../fakes/test-app.js';

const hourLaterMs = Date.UTC(2026, 0, 1, 1);
const tokens = { sidecar: 'of-the-sidecar', operator: 'of-operators' };
const asOperator = { authorization: `Bearer ${tokens.operator}` };

type App = ReturnType<typeof createTestApp>['app'];

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => rebuildLineSchema.parse(JSON.parse(line)));

/** The lines of an answer. */
async function compare(app: App, path: string, body?: object) {
  const response = await request(app)
    .post(`${rebuildApiPath}${path}`)
    .set(asOperator)
    .send(body)
    .buffer(true)
    .parse((stream, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        done(null, text);
      });
    })
    .expect(200)
    .expect('Content-Type', shopperExportMediaType);
  return linesOf(String(response.body));
}

/** Ada bought once, at midnight. It is one o'clock. The journal has lost her purchase. */
async function aShop() {
  const past = createTestApp(undefined, tokens);
  const purchase = aPurchase();
  await request(past.app)
    .post(eventRoutes.purchases)
    .set({ 'dapr-api-token': tokens.sidecar, 'Content-Type': 'application/cloudevents+json' })
    .send(JSON.stringify(purchasePlaced(purchase)))
    .expect(200, { status: 'SUCCESS' });
  const shop = createTestApp(hourLaterMs, tokens);
  for (const [key, value] of past.store.values)
    if (!key.startsWith('journal:')) shop.store.values.set(key, value);
  return { ...shop, purchase };
}

test('a comparison starts with its progress and ends with its counts', async () => {
  const { app } = await aShop();
  const lines = await compare(app, '/journal');
  expect(lines[0]).toMatchObject({ kind: 'progress', differences: 0 });
  expect(lines.at(-1)).toEqual({
    kind: 'end',
    entries: 0,
    shoppers: 0,
    recent: 0,
    differences: 0,
    repaired: 0,
  });
});

test('shoppers whom the journal has lost are compared by their keys', async () => {
  const { app, purchase } = await aShop();
  const ada = shopperKey('ada');
  const lines = await compare(app, '/journal/shoppers?repair=true', { shoppers: [ada] });
  expect(lines.slice(1)).toEqual([
    {
      kind: 'difference',
      in: 'journal',
      difference: 'lacks',
      shopper: ada,
      purchaseId: purchase.purchaseId,
      repaired: true,
    },
    { kind: 'end', entries: 0, shoppers: 1, recent: 0, differences: 1, repaired: 1 },
  ]);
  expect((await compare(app, '/journal')).at(-1)).toMatchObject({ entries: 1, shoppers: 1, differences: 0 });
});

test('the audit log says with which options, and for which shoppers', async () => {
  const { app } = await aShop();
  const keys = [shopperKey('ada'), shopperKey('bob')];
  const options = '?repair=true&replaceUnreadable=true&removeUnknown=true';
  await compare(app, `/journal${options}`);
  await compare(app, '/history/shoppers?repair=true', { shoppers: keys });
  const response = await request(app).get('/api/audit').set(asOperator).expect(200);
  const targets = auditPageSchema.parse(response.body).entries.flatMap(({ target }) => target ?? []);
  expect(targets.sort()).toEqual(
    [
      'rebuild/history/shoppers/repair',
      ...keys.map((key) => `rebuild/history/shoppers/repair/${key}`),
      'rebuild/journal/repair/replace-unreadable/remove-unknown',
    ].sort(),
  );
});

test('events are compared, and recorded only for a repair', async () => {
  const { app } = await aShop();
  const lost = aPurchase({ shopperId: 'bob' });
  const events = [JSON.stringify(purchasePlaced(lost))];
  const send = async (query: string) => {
    const response = await request(app)
      .post(`${rebuildApiPath}/history/events${query}`)
      .set(asOperator)
      .send({ events })
      .expect(200);
    return rebuildEventsAnswerSchema.parse(response.body);
  };
  expect((await send('')).differences).toMatchObject([{ difference: 'lacks', repaired: false }]);
  expect((await send('?repair=true')).differences).toMatchObject([{ difference: 'lacks', repaired: true }]);
  expect(await send('?repair=true')).toEqual({ recorded: 1, skipped: 0, recent: 0, differences: [] });
});

test.each([
  ['/journal?repair=yes', {}, 400, 'invalid-request'],
  ['/journal?cursor=none', {}, 400, 'invalid-cursor'],
  ['/journal/shoppers', { shoppers: ['ada'] }, 400, 'invalid-request'],
  ['/journal/shoppers', { shoppers: [] }, 400, 'invalid-request'],
  [
    '/history/events',
    { events: Array.from({ length: rebuildEventsMax + 1 }, () => '') },
    400,
    'invalid-request',
  ],
  ['/history/events', undefined, 415, 'unsupported-media-type'],
] as const)('POST %s with %j is refused with %i %s', async (path, body, status, code) => {
  const { app } = await aShop();
  const response = await request(app).post(`${rebuildApiPath}${path}`).set(asOperator).send(body);
  expect([response.status, problemDetailsSchema.parse(response.body).code]).toEqual([status, code]);
});

test('the sidecar may not compare: only operators may', async () => {
  const { app } = await aShop();
  await request(app).post(`${rebuildApiPath}/journal`).set('dapr-api-token', tokens.sidecar).expect(401);
});

test('a second comparison is refused while one is running, and may run when its client has left', async () => {
  const { app, store } = await aShop();
  const gate = new EventEmitter();
  const reading = once(gate, 'reading');
  const read = store.getBulk.bind(store);
  store.getBulk = async (keys, options) => {
    if (keys[0] === 'journal:3') {
      gate.emit('reading');
      await once(gate, 'open');
    }
    return read(keys, options);
  };
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new AbortController();
  const send = (signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${port}${rebuildApiPath}/journal`, {
      method: 'POST',
      headers: asOperator,
      ...(signal === undefined ? {} : { signal }),
    });
  const first = await send(client.signal);
  await reading;
  const second = await send();
  expect([second.status, problemDetailsSchema.parse(await second.json()).code]).toEqual([
    409,
    'rebuild-in-progress',
  ]);
  const isCutOff = expect(first.text()).rejects.toThrow();
  client.abort();
  await isCutOff;
  store.getBulk = read;
  gate.emit('open');
  let third = await send();
  // The service notices that the client has left a moment later.
  for (let tries = 0; tries < 100 && third.status === 409; tries += 1) {
    await third.text();
    third = await send();
  }
  expect(linesOf(await third.text()).at(-1)).toMatchObject({ kind: 'end' });
  server.close();
  server.closeAllConnections();
});
