import { deadLetterApiPath, purchaseApiPath, shopperKey } from '@unity-purchase/contracts';
import { v4, v7 } from 'uuid';
import { wholeBetween } from '../chaos/random.js';
import type { TestSystem } from '../system/test-system.js';
import { send, type Sending } from './client.js';

/** One kind of hostile request. Sending it resolves to the status, or to undefined if there was none. */
export type HostileRequest = { what: string; send: () => Promise<number | undefined> };

const hourMs = 60 * 60 * 1000;
const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
const json = { 'content-type': 'application/json' };

/** Every kind of request that holds, costs or keeps something that it should not. `cookie` is of a shopper who has bought. */
export function hostileMix(
  { storefront, purchaseService }: TestSystem,
  cookie: string,
  random: () => number,
): HostileRequest[] {
  const below = (count: number) => wholeBetween(random, 0, count - 1);
  // Only Linux has all of these addresses without any configuration.
  const localAddress = () =>
    process.platform === 'linux' ? `127.${1 + below(200)}.${below(256)}.${1 + below(254)}` : undefined;
  const shop = (method: string, path: string, sending: Omit<Sending, 'localAddress'> = {}) =>
    send(storefront, method, path, { localAddress: localAddress(), ...sending });
  const recorder = (method: string, path: string, sending: Omit<Sending, 'localAddress'> = {}) =>
    send(purchaseService, method, path, { localAddress: localAddress(), ...sending });
  const signedIn = { cookie };
  const letters = (count: number) =>
    Array.from({ length: count }, () => String.fromCodePoint(97 + below(26))).join('');
  const method = () => ['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE'][below(6)] ?? 'HEAD';
  const oldId = () => v7({ msecs: Date.now() - below(30 * 24) * hourMs });
  const order = (amount: number) => JSON.stringify({ lines: [{ sku: 'any-amount', amount }] });
  const mix: Record<string, () => Promise<number | undefined>> = {
    'a made-up language': () =>
      shop('GET', '/', { headers: { 'accept-language': `de-${letters(8)}-x-${letters(8)}` } }),
    'a search': () => shop('GET', `/?q=${letters(200)}`),
    'any method for a page': () => shop(method(), '/purchases', { headers: signedIn }),
    'any method for an event stream': () =>
      shop(method(), '/purchases/news?version=1', { headers: signedIn }),
    'an event stream, left': () =>
      shop('GET', `/purchases/news?version=${letters(5)}`, { headers: signedIn, leavesAfterMs: below(500) }),
    'any method for an export': () => shop(method(), '/purchases.csv', { headers: signedIn }),
    'an export, left': () =>
      shop('GET', '/purchases.json', { headers: signedIn, leavesAfterMs: 1 + below(20) }),
    'an unknown purchase': () => shop('GET', `/api/purchases/${oldId()}`, { headers: signedIn }),
    'an unknown purchase, left': () =>
      shop('GET', `/api/purchases/${oldId()}`, { headers: signedIn, leavesAfterMs: 1 + below(5) }),
    'a wrong bearer token': () =>
      shop('GET', '/api/purchases', { headers: { authorization: `Bearer ${letters(300)}` } }),
    'a wrong operator token': () =>
      shop('POST', '/operators/sign-in', { headers: { ...form, ...signedIn }, body: `token=${letters(40)}` }),
    'a broken cookie': () => shop('GET', '/basket', { headers: { cookie: `session=${letters(2_000)}` } }),
    'a long way back': () => shop('GET', `/sign-in?returnTo=/${letters(2_700)}`),
    'a new shopper': () =>
      shop('POST', '/sign-in', { headers: form, body: `id=${letters(30)}&name=${letters(30)}` }),
    'a slow body': () =>
      shop('POST', '/api/purchases', {
        headers: { ...json, ...signedIn, 'content-length': '10000' },
        body: ' ',
        leavesAfterMs: 3_000 + below(9_000),
      }),
    'a large body': () =>
      shop('POST', '/api/purchases', { headers: { ...json, ...signedIn }, body: letters(200_000) }),
    'deep JSON': () =>
      shop('POST', '/api/purchases', { headers: { ...json, ...signedIn }, body: '['.repeat(20_000) }),
    'one key with different orders': () =>
      shop('POST', '/api/purchases', {
        headers: { ...json, ...signedIn, 'idempotency-key': repeatedKey },
        body: order(100 + below(1_000)),
      }),
    'a key without a time': () =>
      shop('POST', '/api/purchases', {
        headers: { ...json, ...signedIn, 'idempotency-key': v4() },
        body: order(100),
      }),
    'an old key': () =>
      shop('POST', '/api/purchases', {
        headers: { ...json, ...signedIn, 'idempotency-key': v7({ msecs: Date.now() - below(23) * hourMs }) },
        body: order(100),
      }),
    'a page of an unknown shopper': () => recorder('GET', `${purchaseApiPath}/${shopperKey(letters(20))}`),
    'an unknown dead letter': () => recorder('GET', `${deadLetterApiPath}/${letters(64)}`),
    'the journal, left': () =>
      recorder('GET', `${purchaseApiPath}?limit=100`, { leavesAfterMs: 1 + below(20) }),
    'an unknown address': () => shop('GET', `/${letters(40)}/${letters(40)}`),
  };
  const repeatedKey = v7();
  return Object.entries(mix).map(([what, sendOne]) => ({ what, send: sendOne }));
}
