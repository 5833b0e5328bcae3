import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { purchaseSchema, shopperKey, type Purchase } from '@unity-purchase/contracts';
import type { Invocation } from '@unity-purchase/service-kit';
import request from 'supertest';
import { v7 } from 'uuid';
import {
  createTestApp,
  notRecorded,
  recorded,
  sameSite,
  unanswered,
  type TestApp,
} from '../fakes/test-app.js';

let shop: TestApp;
let server: Server;
let origin: string;
let history: Purchase[];
let answer: (path: string) => Promise<Invocation>;

beforeEach(async () => {
  shop = createTestApp();
  history = [];
  answer = (path) => {
    const found = history.find(({ purchaseId }) => path.endsWith(purchaseId));
    if (/\/[0-9a-f]{8}-/.test(path))
      return Promise.resolve(found === undefined ? notRecorded : { status: 200, body: recorded(found) });
    const totals = { count: history.length, sums: { EUR: 1600 * history.length } };
    return Promise.resolve({ status: 200, body: { purchases: history.map(recorded), totals } });
  };
  shop.behind.invoke = (path) => answer(path);
  server = await new Promise<Server>((resolve) => {
    const listening = shop.app.listen(0, '127.0.0.1', () => {
      resolve(listening);
    });
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  shop.streams.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function cookieOf(id: string): Promise<string> {
  const response = await sameSite(request(server).post('/sign-in')).type('form').send({ id, name: id });
  return String(response.headers['set-cookie']).split(';')[0] ?? '';
}

function aPurchase(purchaseId = v7()): Purchase {
  return purchaseSchema.parse({
    purchaseId,
    shopper: { id: 'ada', name: 'Ada' },
    lines: [{ sku: 'mug', title: 'Mug', quantity: 1, unitPrice: 1600 }],
    total: { amount: 1600, currency: 'EUR' },
    placedAt: '2026-01-01T10:00:00.000Z',
  });
}

/** Opens an event stream as a browser does. `next` returns the lines of the next event. */
async function openStream(
  path: string,
  { id = 'ada', lastEventId }: { id?: string; lastEventId?: string } = {},
) {
  const response = await fetch(origin + path, {
    headers: {
      cookie: await cookieOf(id),
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let read = '';
  const next = async (): Promise<string[] | 'ended'> => {
    for (;;) {
      const end = read.indexOf('\n\n');
      if (end >= 0) {
        const event = read.slice(0, end).split('\n');
        read = read.slice(end + 2);
        if (event.some((line) => line.startsWith('event:'))) return event;
        continue;
      }
      const { done = true, value = '' } = (await reader?.read()) ?? {};
      if (done) return 'ended';
      read += value;
    }
  };
  return { response, next, close: () => reader?.cancel() };
}

const pollCount = () => shop.invoked.filter((path) => !/\/[0-9a-f]{8}-/.test(path)).length;

async function until(condition: () => boolean, missing: string) {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`still ${missing}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the event stream of a purchase', () => {
  test('sends an event when the purchase is recorded, and ends', async () => {
    const purchase = aPurchase();
    const { response, next } = await openStream(`/purchases/${purchase.purchaseId}/news?version=unknown`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    await until(() => pollCount() > 1, 'not polled twice');
    history.push(purchase);
    expect(await next()).toEqual(['event: changed', 'id: recorded', 'data: ']);
    expect(await next()).toEqual(['event: settled', 'id: settled', 'data: ']);
    expect(await next()).toBe('ended');
  });

  test('sends at once what the page missed, but not what it already received', async () => {
    const purchase = aPurchase();
    history.push(purchase);
    const path = `/purchases/${purchase.purchaseId}/news?version=accepted`;
    expect(await (await openStream(path)).next()).toContain('id: recorded');
    const resumed = await openStream(path, { lastEventId: 'recorded' });
    expect(await resumed.next()).toContain('event: settled');
  });

  test('reports a purchase whose event became a dead letter', async () => {
    const before = answer;
    answer = (path) =>
      /\/[0-9a-f]{8}-/.test(path)
        ? Promise.resolve({
            status: 404,
            body: { type: 'x', title: 'x', status: 404, code: 'purchase-delayed' },
          })
        : before(path);
    const { next } = await openStream(`/purchases/${v7()}/news?version=accepted`);
    expect(await next()).toContain('id: delayed');
  });

  test('sends nothing while the history cannot be read, and keeps trying', async () => {
    const purchase = aPurchase();
    const before = answer;
    answer = unanswered;
    const { next } = await openStream(`/purchases/${purchase.purchaseId}/news?version=accepted`);
    await until(() => pollCount() > 2, 'not polled three times');
    history.push(purchase);
    answer = before;
    expect(await next()).toContain('id: recorded');
  });
});

describe('the event stream of a history', () => {
  test('sends an event to a page of a month or a search only when the number of purchases changes', async () => {
    history = [aPurchase()];
    // Such a page does not know the newest purchase.
    const { next } = await openStream('/purchases/news?version=1');
    await until(() => pollCount() > 1, 'not polled twice');
    const newest = aPurchase();
    history = [newest, ...history];
    expect(await next()).toContain(`id: 2.${newest.purchaseId}`);
  });

  test('sends an event for every purchase after the version on the page', async () => {
    const [first, second] = [aPurchase(), aPurchase()];
    history.push(first);
    const { next } = await openStream(`/purchases/news?version=1.${first.purchaseId}`);
    await until(() => pollCount() > 1, 'not polled twice');
    history.unshift(second);
    expect(await next()).toContain(`id: 2.${second.purchaseId}`);
  });

  test('reports a purchase made in this process soon, however long the stream has been idle', async () => {
    const { next } = await openStream('/purchases/news?version=0.none');
    await until(() => pollCount() > 4, 'not polled five times');
    const purchase = aPurchase();
    shop.behind.publish = () => Promise.resolve(void history.push(purchase));
    await request(server)
      .post('/api/purchases')
      .set('Cookie', await cookieOf('ada'))
      .send({ lines: [{ sku: 'mug' }] })
      .expect(202);
    expect(await next()).toContain(`id: 1.${purchase.purchaseId}`);
  });
});

describe('event streams', () => {
  test('of one shopper share one poll, which ends with the last stream', async () => {
    const streams = [
      await openStream('/purchases/news?version=0.none'),
      await openStream('/purchases/news?version=0.none'),
    ];
    await until(() => pollCount() > 3, 'not polled four times');
    const pollsOfTwo = pollCount();
    await streams[0]?.close();
    await until(() => pollCount() > pollsOfTwo, 'not polled for the remaining stream');
    await streams[1]?.close();
    const open = async () => (await shop.registry.getSingleMetric('live_streams')?.get())?.values[0]?.value;
    let left: number | undefined;
    await until(() => {
      void open().then((count) => (left = count));
      return left === 0;
    }, 'counted as open');
    const before = shop.invoked.length;
    // Wait until another shopper's stream has received an event. The first shopper's history is not requested meanwhile.
    const other = await openStream('/purchases/news?version=0.none', { id: 'eve' });
    history.push(aPurchase());
    expect(await other.next()).toContain('event: changed');
    for (const path of shop.invoked.slice(before)) expect(path).toContain(shopperKey('eve'));
  });

  test('are limited for each shopper and for the process', async () => {
    for (let count = 0; count < 3; count += 1)
      expect((await openStream('/purchases/news')).response.status).toBe(200);
    const fourth = await openStream('/purchases/news');
    expect(fourth.response.status).toBe(429);
    expect(fourth.response.headers.get('retry-after')).toBe('30');
    for (const id of ['bob', 'eve'])
      expect((await openStream('/purchases/news', { id })).response.status).toBe(200);
    const sixth = await openStream('/purchases/news', { id: 'mallory' });
    expect(sixth.response.status).toBe(503);
  });

  test('end when the service stops, and new ones are refused', async () => {
    const { next } = await openStream('/purchases/news?version=0.none');
    shop.streams.close();
    expect(await next()).toBe('ended');
    expect((await openStream('/purchases/news')).response.status).toBe(503);
  });

  test('are refused without a session', async () => {
    for (const path of ['/purchases/news', `/purchases/${v7()}/news`])
      expect((await fetch(origin + path)).status).toBe(401);
  });
});
