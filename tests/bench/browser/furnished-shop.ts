import type { BrowserContext } from 'playwright-core';
import { signIn } from '../../system/shopper-client.js';
import { startTestSystem } from '../../system/test-system.js';

const operatorToken = 'of-the-operator-who-measures-pages';
const sidecarToken = 'of-the-sidecar-of-measured-pages';

const currencies = ['EUR', 'USD', 'JPY'];

/** Enough for several pages of the history. */
const purchases = 60;

/** A started shop, with a shopper who has bought in all currencies, has a full basket, and is an operator. */
export type FurnishedShop = AsyncDisposable & {
  storefront: string;
  pages: readonly (readonly [name: string, path: string])[];
  /** Gives a browser the shopper's session and basket. */
  enter: (context: BrowserContext) => Promise<void>;
};

/** Starts a shop from its sources and fills it. */
export async function furnishShop(): Promise<FurnishedShop> {
  const system = await startTestSystem({
    env: {
      apps: { OPERATOR_TOKEN: operatorToken, APP_API_TOKEN: sidecarToken },
      sidecars: { APP_API_TOKEN: sidecarToken },
    },
  });
  const { storefront } = system;
  const ada = await signIn(storefront, 'ada-1815', 'Ada Lovelace');
  let receipt = '';
  for (let count = 0; count < purchases; count += 1) {
    const response = await ada.request('/api/purchases', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        currency: currencies[count % currencies.length],
        lines: [{ sku: 'teapot' }, { sku: 'green-tea', quantity: (count % 5) + 1 }],
      }),
    });
    if (response.status !== 202) throw new Error(`buying returned ${response.status}`);
    receipt = (response.headers.get('location') ?? '').replace('/api', '');
  }
  await ada.waitForRecords(purchases);
  const cookies = new Map([splitCookie(ada.cookie)]);
  const post = async (path: string, fields: Record<string, string>) => {
    const response = await ada.request(path, {
      method: 'POST',
      headers: {
        'sec-fetch-site': 'same-origin',
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
      body: new URLSearchParams(fields),
    });
    if (response.status !== 303) throw new Error(`${path} was answered with ${response.status}`);
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = splitCookie(cookie.split(';')[0] ?? '');
      cookies.set(name, value);
    }
  };
  for (const sku of ['mug', 'honey', 'teapot']) await post('/basket', { sku, quantity: '2' });
  await post('/operators/sign-in', { token: operatorToken });
  return {
    storefront,
    pages: [
      ['home', '/'],
      ['product', '/products/teapot'],
      ['basket', '/basket'],
      ['checkout', '/checkout'],
      ['receipt', receipt],
      ['history', '/purchases'],
      ['desk', '/operators'],
    ],
    enter: (context) =>
      context.addCookies([...cookies].map(([name, value]) => ({ name, value, url: storefront }))),
    [Symbol.asyncDispose]: () => system[Symbol.asyncDispose](),
  };
}

function splitCookie(pair: string): [name: string, value: string] {
  const [name = '', value = ''] = pair.split(/=(.*)/s);
  return [name, value];
}
