import type { AddressInfo } from 'node:net';
import http from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { Registry } from 'prom-client';
import { startFakeSidecar } from '../../test/fakes/fake-sidecar.js';
import { createAdmission } from '../http/admission.js';
import { createDaprGateway, type DaprGateway } from './gateway.js';
import { inLane, useLane } from './lanes.js';

const readsMax = 40;
const publication = { component: 'pubsub', topic: 'orders', event: { id: '1' }, partitionKey: 'a' };

let sidecar: Awaited<ReturnType<typeof startFakeSidecar>>;
let gateway: DaprGateway;

/** A sidecar that never answers questions to the other service, nor reads of keys that start with `hang`. */
beforeEach(async () => {
  sidecar = await startFakeSidecar(({ path, body }) => {
    if (path.includes('/invoke/') || body.includes('"hang')) return 'hang';
    return path.endsWith('/bulk') ? { status: 200, body: '[]' } : { status: 204 };
  });
  gateway = createDaprGateway(sidecar.port, undefined, readsMax);
});

afterEach(async () => {
  // Calls that hang are not waited for.
  await sidecar[Symbol.asyncDispose]();
  await gateway.close();
});

const ask = () => gateway.invoke('other', '/question').catch((error: unknown) => error);
const store = () => gateway.stateStore('store');
const seen = (part: string) => sidecar.seen.filter(({ path, body }) => (path + body).includes(part)).length;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

describe('while reads hang', () => {
  test('publishing, recording, live pages, exports and health checks do not wait for them', async () => {
    for (let count = 0; count < 10 * readsMax; count += 1) {
      void ask();
      void inLane('reads', () => store().getBulk(['hang'])).catch(() => undefined);
    }
    await until(() => seen('/invoke/') > 0);
    await gateway.publish(publication);
    expect(await store().createIfAbsent('key', 'value')).toEqual({ created: true });
    expect(await store().getBulk(['key'])).toEqual(new Map());
    expect(await inLane('reads', () => store().createIfAbsent('key', 'value'))).toEqual({ created: true });
    for (const lane of ['live', 'exports'] as const)
      expect(await inLane(lane, () => store().getBulk([`key of ${lane}`]))).toEqual(new Map());
    await gateway.check();
  });

  test('reads beyond the limit fail at once and do not reach the sidecar', async () => {
    const limited = Array.from({ length: readsMax }, ask);
    expect(await ask()).toMatchObject({ name: 'DaprError', failure: 'not-sent' });
    await until(() => seen('/invoke/') === 32);
    await sidecar[Symbol.asyncDispose]();
    await Promise.all(limited);
    expect(await ask()).toMatchObject({ message: 'the sidecar cannot be reached' });
  });

  test('live pages and exports that hang do not hold up reads', async () => {
    for (const lane of ['live', 'exports'] as const)
      for (let count = 0; count < 50; count += 1)
        void inLane(lane, () => store().getBulk([`hang ${lane}`])).catch(() => undefined);
    await until(() => seen('hang live') === 8 && seen('hang exports') === 4);
    expect(await inLane('reads', () => store().getBulk(['key']))).toEqual(new Map());
  });

  test('a service that admits twice as many requests still buys', async () => {
    const admission = createAdmission(
      { requestsMax: 2 * readsMax, eventLoopDelayMaxMs: 60_000 },
      { registry: new Registry(), always: [] },
    );
    const app = express()
      .use(useLane('reads'))
      .get('/read', async (_request, response) => {
        await ask();
        response.status(503).end();
      })
      .post('/buy', async (_request, response) => {
        await gateway.publish(publication);
        response.end();
      });
    const server = http.createServer(admission.guard(app));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const reads = Array.from({ length: 10 * readsMax }, () => fetch(`${url}/read`).catch(() => undefined));
    await until(() => seen('/invoke/') === 32);
    for (let count = 0; count < 10; count += 1)
      expect((await fetch(`${url}/buy`, { method: 'POST' })).status).toBe(200);
    server.closeAllConnections();
    await Promise.all(reads);
    await new Promise((resolve) => server.close(resolve));
    admission.close();
  });
});
