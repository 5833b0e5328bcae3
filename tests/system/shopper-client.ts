import {
  historyPageSchema,
  shopperKey,
  type HistoryPage,
  type Purchase,
  type RecordedPurchase,
} from '@unity-purchase/contracts';
import { waitUntil } from '@unity-purchase/tools';
import { v7 } from 'uuid';
import { catalogPrice } from './catalog-price.js';
import { keepSecret } from './secrets.js';

/** How long recording an accepted purchase may take before a test fails. */
const recordedWithinMs = 30_000;

/** Shorter names could be in logs by coincidence. */
const secretLengthMin = 10;

/** A shop that does not answer within this time counts as down. */
const answeredWithinMs = 15_000;

export type Order = { sku: string; quantity?: number; amount?: number };

/** A signed-in shopper with an API client. */
export type ShopperClient = {
  id: string;
  name: string;
  /** The session cookie, as `name=value`. */
  cookie: string;
  request: (path: string, init?: RequestInit) => Promise<Response>;
  /** Places an order through the API, under an `Idempotency-Key` if it gets one, and returns the response, whatever it is. */
  tryToBuy: (order: Order, key?: string) => Promise<Response>;
  /** Places an order through the checkout form and returns the response, whatever it is. */
  submitOrder: (order: Order, purchaseId: string) => Promise<Response>;
  /** Buys and expects acceptance. Returns the purchase id and its status URL. */
  buy: (order: Order, key?: string) => Promise<{ purchaseId: string; location: string }>;
  history: (query?: string) => Promise<HistoryPage>;
  /** The whole history with recording times, newest first, read page by page. */
  wholeRecord: () => Promise<RecordedPurchase[]>;
  /** The purchases of the whole history. */
  wholeHistory: () => Promise<Purchase[]>;
  /** Resolves when the history holds at least `count` purchases. */
  waitForRecords: (count: number) => Promise<void>;
};

/** Signs a shopper in at a storefront. */
export async function signIn(
  storefront: string,
  id = `shopper-${v7()}`,
  name = 'Ada',
): Promise<ShopperClient> {
  const response = await fetch(`${storefront}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ id, name }),
  });
  const cookie = response.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`signing in returned ${response.status}`);
  for (const [what, text] of Object.entries({ id, name }))
    if (text.length >= secretLengthMin) keepSecret(`the ${what} of a shopper`, text);
  keepSecret('the cookie of a shopper', cookie.slice(cookie.indexOf('=') + 1));
  const request = (path: string, init: RequestInit = {}) =>
    fetch(`${storefront}${path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(answeredWithinMs),
      ...init,
      headers: { cookie, ...(init.headers as Record<string, string> | undefined) },
    });
  const tryToBuy = (order: Order, key?: string) =>
    request('/api/purchases', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify({ lines: [order] }),
    });
  const history = async (query = '') => {
    const answer = await request(`/api/purchases${query}`);
    if (answer.status !== 200) throw new Error(`reading the history returned ${answer.status}`);
    return historyPageSchema.parse(await answer.json());
  };
  const wholeRecord = async () => {
    const recorded: RecordedPurchase[] = [];
    let query: string | undefined = '?limit=100';
    while (query !== undefined) {
      const page: HistoryPage = await history(query);
      recorded.push(...page.purchases);
      query = page.next === undefined ? undefined : `?limit=100&cursor=${page.next}`;
    }
    return recorded;
  };
  return {
    id,
    name,
    cookie,
    request,
    tryToBuy,
    submitOrder: ({ sku, quantity = 1, amount }, purchaseId) =>
      request('/purchases', {
        method: 'POST',
        headers: { 'sec-fetch-site': 'same-origin' },
        body: new URLSearchParams({
          purchaseId,
          currency: 'EUR',
          person: shopperKey(id),
          line: [sku, quantity, amount ?? catalogPrice(sku)].join('*'),
        }),
      }),
    buy: async (order, key) => {
      const answer = await tryToBuy(order, key);
      if (answer.status !== 202) throw new Error(`buying returned ${answer.status}: ${await answer.text()}`);
      const { purchaseId: id } = (await answer.json()) as { purchaseId: string };
      return { purchaseId: id, location: answer.headers.get('location') ?? '' };
    },
    history,
    wholeRecord,
    wholeHistory: async () => (await wholeRecord()).map(({ purchase }) => purchase),
    waitForRecords: (count) =>
      waitUntil(async () => {
        const answer = await request('/api/purchases?limit=1');
        if (answer.status !== 200) return `the history is answered with ${answer.status}`;
        const { totals } = historyPageSchema.parse(await answer.json());
        return totals.count >= count || `${totals.count} of ${count} purchases are recorded`;
      }, recordedWithinMs),
  };
}
