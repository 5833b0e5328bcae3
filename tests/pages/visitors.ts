import { shopperKey, type Shopper } from '@unity-purchase/contracts';
import type { APIRequestContext, Browser, BrowserContextOptions } from 'playwright-core';
import { createSealedCookie } from '../../storefront/src/sessions/sealed-cookie.js';
import { keepSecret } from '../system/secrets.js';
import { soldSkus } from './demanding-purchases.js';

/** The cookies of someone who visits the shop. */
export type Visitor = Exclude<BrowserContextOptions['storageState'], string | undefined>;

/** What someone has done before the pages are looked at. */
type Past = {
  shopper?: Shopper;
  operatorToken?: string;
  currency?: string;
  basket?: readonly BasketItem[];
};

type BasketItem = { sku: string; quantity: number; amount?: string };

/** As many lines as a basket can have, with as many pieces as a line can have. */
export const fullBasket: readonly BasketItem[] = [
  ...soldSkus.map((sku) => ({ sku, quantity: 100 })),
  ...['1', '2.50', '19.99', '1234.56', '9999.99', '10000', '3', '4'].map((amount, index) => ({
    sku: 'any-amount',
    quantity: index === 5 ? 100 : 1,
    amount,
  })),
];

const idAndNameLengthMin = 10;

/** Sends the forms that lead to such a past, and returns the cookies. */
export async function visitorWith(browser: Browser, storefront: string, past: Past): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: storefront });
  try {
    const { request } = context;
    if (past.shopper !== undefined) {
      for (const text of [past.shopper.id, past.shopper.name])
        if (text.length >= idAndNameLengthMin) keepSecret('the id or name of a shopper', text);
      await send(request, '/sign-in', past.shopper);
    }
    if (past.operatorToken !== undefined)
      await send(request, '/operators/sign-in', { token: past.operatorToken });
    if (past.currency !== undefined) await send(request, '/currency', { currency: past.currency });
    for (const { sku, quantity, amount = '' } of past.basket ?? [])
      await send(request, '/basket', { sku, quantity: String(quantity), amount });
    // The next page says that an item was added. It is not the one that is looked at.
    await request.get('/basket');
    return await context.storageState();
  } finally {
    await context.close();
  }
}

async function send(request: APIRequestContext, path: string, form: Record<string, string>): Promise<void> {
  const answer = await request.post(path, {
    form,
    headers: { 'sec-fetch-site': 'same-origin' },
    maxRedirects: 0,
  });
  if (answer.status() !== 303)
    throw new Error(`POST ${path} was answered with ${answer.status()} instead of a redirect`);
}

/** The same visitor, with a basket that was filled days ago: it becomes the purchase with this id. */
export async function withEarlierBasket(
  visitor: Visitor,
  { shopper, purchaseId, secret }: { shopper: Shopper; purchaseId: string; secret: string },
): Promise<Visitor> {
  const cookie = createSealedCookie({ name: 'basket', secrets: [secret], seconds: 3_600, secure: false });
  let sealed = '';
  const response = { cookie: (_name: string, value: string) => (sealed = value), clearCookie: () => '' };
  const basket = { currency: 'EUR', purchaseId, lines: [{ sku: 'mug', quantity: 1 }] };
  await cookie.save(response, { basket, owner: shopperKey(shopper.id) });
  const [any] = visitor.cookies;
  if (any === undefined) throw new Error('the visitor has no session');
  const others = visitor.cookies.filter(({ name }) => name !== 'basket');
  return { ...visitor, cookies: [...others, { ...any, name: 'basket', value: sealed }] };
}
