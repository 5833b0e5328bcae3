import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { activityApiPath, type Activity } from '@unity-purchase/contracts';
import express from 'express';
import { Registry } from 'prom-client';
import request from 'supertest';
import { LiveStreams } from '../../src/live/live-streams.js';
import { createOperatorPasses } from '../../src/operators/operator-passes.js';
import { deskOverviewRouter } from '../../src/routes/desk-overview-pages.js';
import { createTestApp, sameSite, unanswered, type TestApp } from '../fakes/test-app.js';

const operatorToken = 'the-token-of-operators';
const news = '/operators/news';

let shop: TestApp;
let server: Server;
let recorded: number;

const activity = (): Activity => ({
  instance: 'one',
  intervalMs: 10_000,
  samples: [],
  current: { at: '2026-01-01T00:00:00.000Z', counts: { recorded }, durations: {} },
  checks: [],
});

const originOf = (of: Server) => `http://127.0.0.1:${(of.address() as AddressInfo).port}`;

async function listen(app: express.Express) {
  return new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => {
      resolve(listening);
    });
  });
}

async function end(of: Server) {
  of.closeAllConnections();
  await new Promise((resolve) => of.close(resolve));
}

beforeEach(async () => {
  recorded = 0;
  shop = createTestApp({ operatorToken });
  shop.behind.invoke = (path) =>
    path === activityApiPath ? Promise.resolve({ status: 200, body: activity() }) : unanswered();
  server = await listen(shop.app);
});

afterEach(async () => {
  shop.streams.close();
  await end(server);
});

async function cookieOfOperator(): Promise<string> {
  const response = await sameSite(request(server).post('/operators/sign-in'))
    .type('form')
    .send({ token: operatorToken })
    .expect(303);
  return String(response.headers['set-cookie']).split(';')[0] ?? '';
}

/** Opens a stream as a browser does. `next` resolves to the id of the next event, or to `ended`. */
async function openStream(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let read = '';
  const next = async (): Promise<string> => {
    for (;;) {
      const found = /event: changed\nid: (.*)\n/.exec(read);
      if (found !== null) {
        read = read.slice(found.index + found[0].length);
        return found[1] ?? '';
      }
      const { done = true, value = '' } = (await reader?.read()) ?? {};
      if (done) return 'ended';
      read += value;
    }
  };
  return { response, next, close: () => reader?.cancel() };
}

const readsOfActivity = () => shop.invoked.filter((path) => path === activityApiPath).length;

async function until(condition: () => boolean, missing: string) {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`still ${missing}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the event stream of the overview', () => {
  test('sends an event when something that the page shows changes, and none otherwise', async () => {
    const cookie = await cookieOfOperator();
    const page = await request(server).get('/operators').set('Cookie', cookie).expect(200);
    const address = /data-events="([^"]*)"/.exec(page.text)?.[1] ?? '';
    const { response, next } = await openStream(originOf(server) + address, { cookie });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const before = readsOfActivity();
    await until(() => readsOfActivity() > before + 2, 'not read three times');
    recorded = 1;
    const first = await next();
    recorded = 2;
    expect(await next()).not.toBe(first);
    const { text } = await request(server).get('/operators').set('Cookie', cookie).expect(200);
    expect(text).not.toContain(address);
  });

  test('sends at once what the page missed', async () => {
    const cookie = await cookieOfOperator();
    const { next } = await openStream(`${originOf(server)}${news}?version=of-yesterday`, { cookie });
    expect(await next()).toMatch(/^[\w-]+$/);
  });

  test('is refused without an operator pass, also to shoppers', async () => {
    expect((await fetch(originOf(server) + news)).status).toBe(401);
    const response = await sameSite(request(server).post('/sign-in'))
      .type('form')
      .send({ id: 'ada', name: 'Ada' });
    const cookie = String(response.headers['set-cookie']).split(';')[0] ?? '';
    expect((await fetch(originOf(server) + news, { headers: { cookie } })).status).toBe(401);
    expect((await fetch(originOf(server) + news, { method: 'HEAD' })).status).toBe(401);
    expect(readsOfActivity()).toBe(0);
  });

  test('is limited for each sign-in and for the process, together with those of shoppers', async () => {
    const [cookie, other] = [await cookieOfOperator(), await cookieOfOperator()];
    for (let count = 0; count < 3; count += 1)
      expect((await openStream(originOf(server) + news, { cookie })).response.status).toBe(200);
    expect((await openStream(originOf(server) + news, { cookie })).response.status).toBe(429);
    for (const status of [200, 200, 503])
      expect((await openStream(originOf(server) + news, { cookie: other })).response.status).toBe(status);
  });

  test('shares one poll with all others, which ends with the last of them', async () => {
    const cookie = await cookieOfOperator();
    const streams = [
      await openStream(originOf(server) + news, { cookie }),
      await openStream(originOf(server) + news, { cookie }),
    ];
    for (const { next } of streams) await next();
    const before = readsOfActivity();
    recorded = 1;
    for (const { next } of streams) await next();
    expect(readsOfActivity() - before).toBeLessThanOrEqual(4);
    for (const { close } of streams) await close();
    const open = async () => (await shop.registry.getSingleMetric('live_streams')?.get())?.values[0]?.value;
    let left: number | undefined;
    await until(() => {
      void open().then((count) => (left = count));
      return left === 0;
    }, 'open');
    let last = -1;
    let same = 0;
    await until(() => {
      same = last === readsOfActivity() ? same + 1 : 0;
      last = readsOfActivity();
      return same > 20;
    }, 'read regularly');
  });

  test('ends when the service stops', async () => {
    const { next } = await openStream(originOf(server) + news, { cookie: await cookieOfOperator() });
    await next();
    shop.streams.close();
    expect(await next()).toBe('ended');
  });

  test('ends when the pass expires', async () => {
    let nowMs = Date.now();
    const now = () => new Date(nowMs);
    const passes = createOperatorPasses({ token: operatorToken, issuer: undefined }, now);
    const operatorPass = passes.open(operatorToken, undefined);
    const eightHoursMs = 8 * 60 * 60 * 1_000;
    nowMs += eightHoursMs - 100;
    const app = express();
    app.use((_request, response, next) => {
      response.locals['session'] = { operatorPass };
      next();
    });
    const watch = { watch: () => () => undefined, waitingDeadLetters: undefined, failure: undefined };
    const streams = new LiveStreams(new Registry());
    app.use(deskOverviewRouter({ passes, watch: watch as never, streams, now }));
    const served = await listen(app);
    try {
      const { response, next } = await openStream(originOf(served) + news);
      expect(response.status).toBe(200);
      expect(await next()).toBe('ended');
    } finally {
      await end(served);
    }
  });
});
