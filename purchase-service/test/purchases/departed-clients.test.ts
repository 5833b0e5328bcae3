import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import {
  deadLetterApiPath,
  purchaseApiPath,
  purchasePlaced,
  replayOfAttribute,
  shopperKey,
} from '@unity-purchase/contracts';
import request from 'supertest';
import { aPurchase, purchaseIdAt } from '../fakes/purchases.js';
import { createTestApp } from '../fakes/test-app.js';

const ada = shopperKey('ada');
const placedMs = Date.UTC(2025, 11, 31, 12);
const unknown = purchaseIdAt(placedMs);
const recorded = aPurchase({ placedMs });

/** A service with Ada's purchases and a dead letter of hers: a replay in conflict with one of them. */
async function startService() {
  const shop = createTestApp();
  // Neither the first nor one of the newest: those are found in the first call.
  const others = Array.from({ length: 50 }, () => aPurchase());
  for (const purchase of [aPurchase(), recorded, ...others])
    await request(shop.app).post('/events/purchases').send(purchasePlaced(purchase));
  const letter = {
    ...purchasePlaced(aPurchase({ purchaseId: recorded.purchaseId, placedMs, unitPrice: 300 })),
    [replayOfAttribute]: '0'.repeat(32),
  };
  await request(shop.app).post('/events/dead-letters').send(letter).expect(200);
  const page = await request(shop.app).get(deadLetterApiPath).expect(200);
  const [{ id } = { id: '' }] = (page.body as { deadLetters: { id: string }[] }).deadLetters;
  const server = http.createServer(shop.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...shop,
    letter,
    lookUps: [
      { path: `${purchaseApiPath}/${ada}/${unknown}` },
      { path: `${purchaseApiPath}/${ada}/${unknown}/event` },
      { path: `${deadLetterApiPath}/${id}` },
      { path: '/events/dead-letters', body: JSON.stringify(letter) },
    ],
    send: ({ path, body }: { path: string; body?: string }, signal?: AbortSignal) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: body === undefined ? {} : { 'Content-Type': 'application/cloudevents+json' },
        body: body ?? null,
        signal: signal ?? null,
      }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('a look-up makes no further state call after its client or the sidecar has left', async () => {
  const service = await startService();
  const { store } = service;
  const getBulk = store.getBulk.bind(store);
  try {
    for (const lookUp of service.lookUps) {
      const all = await store.callsDuring(() => service.send(lookUp));
      // The first read that can be cancelled is answered after the client has left.
      const client = new AbortController();
      let leave = true;
      let left: () => void;
      const hasLeft = new Promise<void>((resolve) => (left = resolve));
      store.getBulk = async (keys, options) => {
        const signal = options?.signal;
        const values = await getBulk(keys, options);
        if (signal === undefined || !leave) return values;
        leave = false;
        client.abort();
        await once(signal, 'abort');
        left();
        return values;
      };
      const calls = await store.callsDuring(async () => {
        await expect(service.send(lookUp, client.signal)).rejects.toThrow();
        await hasLeft;
        store.getBulk = getBulk;
        // The service answers another request, so everything that was still to come has come.
        await service.send({ path: '/openapi.json' });
      });
      expect(`${lookUp.path}: ${calls.length < all.length}`).toBe(`${lookUp.path}: true`);
      expect(calls.length).toBeLessThanOrEqual(4);
    }
  } finally {
    service.close();
  }
}, 20_000);
