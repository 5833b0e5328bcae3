import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Invocation } from '@unity-purchase/service-kit';
import { v7 } from 'uuid';
import { serveTestApp } from '../fakes/served-shop.js';

const operatorToken = 'the-token-of-operators';

let shop: Awaited<ReturnType<typeof serveTestApp>>;
let cookie = '';

beforeAll(async () => {
  shop = await serveTestApp({ requestsMax: 16, operatorToken });
  cookie = await signInAt('/sign-in', { id: 'ada', name: 'Ada' });
  cookie = await signInAt('/operators/sign-in', { token: operatorToken });
});

afterAll(() => shop.close());

async function signInAt(path: string, fields: Record<string, string>): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${shop.port}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'Sec-Fetch-Site': 'same-origin', cookie },
    body: new URLSearchParams(fields),
  });
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

test.each([
  '/purchases',
  `/purchases/${v7()}`,
  '/purchases.csv',
  '/api/purchases',
  `/api/purchases/${v7()}`,
  '/operators/purchases',
  `/operators/purchases/${v7()}?shopper=ada`,
  '/operators/dead-letters',
  '/operators/dead-letters/0123456789abcdef0123456789abcdef',
  '/operators/audit-log',
  '/operators/search?q=ada',
])('GET %s ends its call of the purchase-service when its client leaves', async (path) => {
  let tell: (signal: AbortSignal | undefined) => void;
  const asked = new Promise<AbortSignal | undefined>((resolve) => (tell = resolve));
  shop.behind.invoke = (_path, _method, _headers, signal) => {
    tell(signal);
    return new Promise<Invocation>((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        reject(new Error('cancelled'));
      });
    });
  };
  const client = new AbortController();
  const answered = fetch(`http://127.0.0.1:${shop.port}${path}`, {
    headers: { cookie },
    signal: client.signal,
  });
  const signal = await asked;
  expect(signal?.aborted).toBe(false);
  client.abort();
  await expect(answered).rejects.toThrow();
  if (signal?.aborted === false) await once(signal, 'abort');
  expect(shop.logLines.join('')).not.toContain('request could not be answered');
});
