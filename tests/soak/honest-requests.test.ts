import { expect, test } from '@jest/globals';
import type { ShopperClient } from '../system/shopper-client.js';
import { HonestRequests } from './honest-requests.js';

/** A shopper whose requests get these answers, one after the other. */
function shopperWith(bought: Response[], read: Response[]): { shopper: ShopperClient; keys: unknown[] } {
  const keys: unknown[] = [];
  const next = (answers: Response[]) => Promise.resolve(answers.shift() ?? new Response('', { status: 500 }));
  const shopper = {
    tryToBuy: (_order: object, key: string) => {
      keys.push(key);
      return next(bought);
    },
    request: () => next(read),
  };
  return { shopper: shopper as unknown as ShopperClient, keys };
}

const answer = (status: number, headers: Record<string, string> = {}) =>
  new Response(`text of ${status}`, { status, headers });

test('an honest shopper asks again under the same key when a 503 says so', async () => {
  const { shopper, keys } = shopperWith([answer(503, { 'retry-after': '0' }), answer(202)], [answer(200)]);
  const requests = new HonestRequests();
  await requests.buyAndRead(shopper);
  expect(new Set(keys).size).toBe(1);
  expect(requests.text()).toContain('2, and 1 asked again after a 503');
  expect(requests.wereStarved()).toBe(true);
});

test.each([
  ['a failure', [answer(500)], [], 'buying returned 500: text of 500'],
  ['a 503 without a time', [answer(503)], [], 'buying returned 503'],
  ['a refusal', [answer(202)], [answer(429, { 'retry-after': '0' })], 'reading the history returned 429'],
])('%s ends the run', async (_what, bought, read, message) => {
  const { shopper } = shopperWith(bought, read);
  await expect(new HonestRequests().buyAndRead(shopper)).rejects.toThrow(message);
});

test('honest shoppers are not starved while each request is answered at once', async () => {
  const { shopper } = shopperWith([answer(202)], [answer(200)]);
  const requests = new HonestRequests();
  await requests.buyAndRead(shopper);
  expect(requests.wereStarved()).toBe(false);
});
