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

/** Listens as a browser does; `next` gives the lines of the next event. */
async function listen(path: string, { id = 'ada', lastEventId }: { id?: string; lastEventId?: string } = {}) {
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
  return { response, next, leave: () => reader?.cancel() };
}

const questions = () => shop.invoked.filter((path) => !/\/[0-9a-f]{8}-/.test(path)).length;

async function until(condition: () => boolean, missing: string) {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`still ${missing}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the stream of a purchase', () => {
  test('tells when it is recorded, and ends', async () => {
    const purchase = aPurchase();
    const { response, next } = await listen(`/purchases/${purchase.purchaseId}/news?version=unknown`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    await until(() => questions() > 1, 'not asked twice');
    history.push(purchase);
    expect(await next()).toEqual(['event: changed', 'id: recorded', 'data: ']);
    expect(await next()).toEqual(['event: settled', 'id: settled', 'data: ']);
    expect(await next()).toBe('ended');
  });

  test('tells at once what happened while nobody listened, and not again what was heard', async () => {
    const purchase = aPurchase();
    history.push(purchase);
    const path = `/purchases/${purchase.purchaseId}/news?version=accepted`;
    expect(await (await listen(path)).next()).toContain('id: recorded');
    const heard = await listen(path, { lastEventId: 'recorded' });
    expect(await heard.next()).toContain('event: settled');
  });

  test('tells that its event is among the dead letters, which the history does not say', async () => {
    const { next } = await listen(`/purchases/${v7()}/news?version=accepted`);
    const before = answer;
    answer = (path) =>
      /\/[0-9a-f]{8}-/.test(path)
        ? Promise.resolve({
            status: 404,
            body: { type: 'x', title: 'x', status: 404, code: 'purchase-delayed' },
          })
        : before(path);
    expect(await next()).toContain('id: delayed');
  });

  test('says nothing while the record cannot be asked, and goes on asking', async () => {
    const purchase = aPurchase();
    const before = answer;
    answer = unanswered;
    const { next } = await listen(`/purchases/${purchase.purchaseId}/news?version=accepted`);
    await until(() => questions() > 2, 'not asked three times');
    history.push(purchase);
    answer = before;
    expect(await next()).toContain('id: recorded');
  });
});

describe('the stream of a history', () => {
  test('tells of every purchase, from the version that is shown on', async () => {
    const [first, second] = [aPurchase(), aPurchase()];
    history.push(first);
    const { next } = await listen(`/purchases/news?version=1.${first.purchaseId}`);
    await until(() => questions() > 1, 'not asked twice');
    history.unshift(second);
    expect(await next()).toContain(`id: 2.${second.purchaseId}`);
  });

  test('hears soon of what is bought here, however long it had been waiting', async () => {
    const { next } = await listen('/purchases/news?version=0.none');
    await until(() => questions() > 4, 'not asked for long');
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

describe('streams', () => {
  test('of one shopper ask one question together, and none once nobody listens', async () => {
    const streams = [
      await listen('/purchases/news?version=0.none'),
      await listen('/purchases/news?version=0.none'),
    ];
    await until(() => questions() > 3, 'not asked');
    const byTwo = questions();
    await streams[0]?.leave();
    await until(() => questions() > byTwo, 'not asked for who is left');
    await streams[1]?.leave();
    const open = async () => (await shop.registry.getSingleMetric('live_streams')?.get())?.values[0]?.value;
    let left: number | undefined;
    await until(() => {
      void open().then((count) => (left = count));
      return left === 0;
    }, 'counted as open');
    const asked = shop.invoked.length;
    // A listener of another shopper makes time pass: nobody asks about the first one.
    const other = await listen('/purchases/news?version=0.none', { id: 'eve' });
    history.push(aPurchase());
    expect(await other.next()).toContain('event: changed');
    for (const path of shop.invoked.slice(asked)) expect(path).toContain(shopperKey('eve'));
  });

  test('are bounded for a shopper and for the process', async () => {
    for (let count = 0; count < 3; count += 1)
      expect((await listen('/purchases/news')).response.status).toBe(200);
    const fourth = await listen('/purchases/news');
    expect(fourth.response.status).toBe(429);
    expect(fourth.response.headers.get('retry-after')).toBe('30');
    for (const id of ['bob', 'eve'])
      expect((await listen('/purchases/news', { id })).response.status).toBe(200);
    const sixth = await listen('/purchases/news', { id: 'mallory' });
    expect(sixth.response.status).toBe(503);
  });

  test('end when the service stops, and no new ones begin', async () => {
    const { next } = await listen('/purchases/news?version=0.none');
    shop.streams.close();
    expect(await next()).toBe('ended');
    expect((await listen('/purchases/news')).response.status).toBe(503);
  });

  test('are for who is signed in', async () => {
    for (const path of ['/purchases/news', `/purchases/${v7()}/news`])
      expect((await fetch(origin + path)).status).toBe(401);
  });
});
