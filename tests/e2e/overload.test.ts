import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCleanup, projectRoot, readDeployment, waitUntil } from '@unity-purchase/tools';
import autocannon from 'autocannon';
import { v7 } from 'uuid';
import { readMetric } from '../system/prometheus.js';
import { signIn, type ShopperClient } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

/** A low admission limit, so that this machine can produce ten times the load. */
const requestsMax = 32;
const clients = 10 * requestsMax;
const seconds = 8;

/** Clients that do not read answers, and clients that never finish a request. */
const badClientsEach = 100;

const cleanup = createCleanup();
let shop: TestSystem;
let ada: ShopperClient;
/** The memory that the cluster gives the storefront; an unbounded shop would keep growing. */
let memoryMaxMb: number;

beforeAll(async () => {
  const { env, memoryLimit } = await readDeployment(projectRoot, 'storefront');
  memoryMaxMb = Number.parseInt(memoryLimit, 10);
  const { NODE_OPTIONS = '' } = env;
  shop = cleanup.add(
    await startTestSystem({
      env: { apps: { NODE_OPTIONS, REQUESTS_IN_FLIGHT_MAX: String(requestsMax) } },
    }),
  );
  ada = await signIn(shop.storefront);
}, 120_000);

afterAll(cleanup.run, 60_000);

/** Clients that only send. They are closed at the end; the shop may disconnect them earlier. */
function badClients(port: number, sent: string): Socket[] {
  const sockets = Array.from({ length: badClientsEach }, () => connect(port, '127.0.0.1'));
  for (const socket of sockets) {
    socket.on('error', () => undefined);
    socket.write(sent);
    cleanup.add({ [Symbol.asyncDispose]: () => Promise.resolve(void socket.destroy()) });
  }
  return sockets;
}

/** Buys as fast as the shop answers, with ten times as many clients as it admits. */
function load(): Promise<autocannon.Result> {
  return autocannon({
    url: `${shop.storefront}/api/purchases`,
    method: 'POST',
    headers: { cookie: ada.cookie, 'content-type': 'application/json' },
    body: JSON.stringify({ lines: [{ sku: 'mug' }] }),
    connections: clients,
    duration: seconds,
  });
}

const storefrontMetric = (name: string) => readMetric(`${shop.storefront}/metrics`, name);

describe('under ten times its capacity, with misbehaving clients', () => {
  test('the shop refuses the excess, keeps what it accepted and stays alive', async () => {
    const port = Number(new URL(shop.storefront).port);
    const head = 'GET / HTTP/1.1\r\nHost: shop\r\n';
    badClients(port, `${head}\r\n`.repeat(20)).forEach((socket) => socket.pause());
    const unfinished = badClients(port, head);
    unfinished.forEach((socket) => socket.resume());
    const health: number[] = [];
    const refusals: (string | null)[] = [];
    let memoryMb = 0;
    let isStopped = false;
    const watch = async () => {
      while (!isStopped) {
        health.push((await fetch(`${shop.storefront}/health/live`)).status);
        memoryMb = Math.max(memoryMb, (await storefrontMetric('process_resident_memory_bytes')) / 1024 ** 2);
        const response = await ada.tryToBuy({ sku: 'mug' }, v7());
        if (response.status === 503) refusals.push(response.headers.get('retry-after'));
        await response.text();
      }
    };
    const watched = watch();
    const result = await load();
    isStopped = true;
    await watched;

    const counts = Object.fromEntries(
      Object.entries(result.statusCodeStats ?? {}).map(([status, { count }]) => [status, count ?? 0]),
    );
    process.stdout.write(`answers ${JSON.stringify(counts)}, memory at most ${Math.round(memoryMb)} MB\n`);
    expect(Object.keys(counts).sort()).toEqual(['202', '503']);
    expect([result.errors, result.timeouts]).toEqual([0, 0]);
    expect(health.length).toBeGreaterThan(5);
    expect(new Set(health)).toEqual(new Set([200]));
    expect(new Set(refusals)).toEqual(new Set(['1']));
    expect(memoryMb).toBeLessThan(memoryMaxMb);

    await ada.waitForRecords(counts['202'] ?? 0);
    await waitUntil(
      () =>
        unfinished.every((socket) => socket.closed) ||
        `${unfinished.filter((socket) => !socket.closed).length} connections are open that never finished a request`,
      30_000,
    );
    await waitUntil(async () => {
      const inFlight = await storefrontMetric('http_requests_in_flight');
      return inFlight === 0 || `${inFlight} requests are in flight, and nobody waits for them`;
    }, 10_000);
    await ada.buy({ sku: 'honey' });
  }, 180_000);
});
