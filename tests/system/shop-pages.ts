import { purchasePlaced, topics } from '@unity-purchase/contracts';
import { waitUntil } from '@unity-purchase/tools';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { listDeadLetters } from './list-dead-letters.js';
import { createPurchase } from './create-purchase.js';
import { keepUnrecorded } from './keep-unrecorded.js';
import { keepSecret } from './secrets.js';
import { signIn, type ShopperClient } from './shopper-client.js';
import { startTestSystem, type TestSystem } from './test-system.js';

/** A page of the shop and the way to it. */
export type ShopPage = {
  name: string;
  path: string;
  /** Steps on the page before it is inspected. */
  act?: (page: Page) => Promise<void>;
};

/** A shop with some history, for inspecting its pages. */
export type PreparedShop = AsyncDisposable & {
  system: TestSystem;
  pages: readonly ShopPage[];
  /** The cookies of a shopper with purchases who is also an operator. */
  cookie: string;
  /** Opens a page with that session. */
  openWindow: (browser: Browser, options?: BrowserContextOptions) => Promise<BrowserContext>;
};

const tokens = { OPERATOR_TOKEN: 'seen-by-nobody-in-a-picture', APP_API_TOKEN: 'of-the-sidecar-of-pictures' };
const shopper = { id: 'ada-1815', name: 'Ada Lovelace' };

const bought = [
  { sku: 'teapot', quantity: 1 },
  { sku: 'green-tea', quantity: 2 },
  { sku: 'any-amount', amount: 2500 },
  { sku: 'notebook', quantity: 3 },
];

/** Starts a shop and creates purchases, dead letters and an open basket. */
export async function prepareShop(): Promise<PreparedShop> {
  const { OPERATOR_TOKEN, APP_API_TOKEN } = tokens;
  const system = await startTestSystem({
    env: { apps: { OPERATOR_TOKEN, APP_API_TOKEN }, sidecars: { APP_API_TOKEN } },
    offersPauses: true,
  });
  try {
    return await furnish(system);
  } catch (thrown) {
    await system[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function furnish(system: TestSystem): Promise<PreparedShop> {
  const ada = await signIn(system.storefront, shopper.id, shopper.name);
  const receipts: string[] = [];
  for (const order of bought) {
    const { purchaseId } = await ada.buy(order);
    receipts.push(`/purchases/${purchaseId}`);
  }
  await ada.waitForRecords(bought.length);
  await using broker = await system.connectToBroker();
  const late = () => purchasePlaced(createPurchase(shopper.id, 1600, shopper.name));
  await broker.publish(topics.purchaseEvents, { ...late(), type: 'purchase.placed.v9' });
  await keepUnrecorded(system, late(), { broker, operatorToken: tokens.OPERATOR_TOKEN });
  await waitUntil(async () => {
    const deadLetters = await listDeadLetters(system.purchaseService, tokens.OPERATOR_TOKEN);
    return deadLetters.length === 2 || `${deadLetters.length} of 2 dead letters are kept`;
  }, 30_000);
  const cookie = await admitOperator(ada);
  return {
    system,
    pages: pagesOf(receipts.at(-1) ?? ''),
    cookie,
    openWindow: (browser, options = {}) => openWindow(browser, system.storefront, cookie, options),
    [Symbol.asyncDispose]: () => system[Symbol.asyncDispose](),
  };
}

function pagesOf(receipt: string): ShopPage[] {
  return [
    { name: 'shop', path: '/' },
    { name: 'search', path: '/?q=stoneware' },
    { name: 'nothing-found', path: '/?q=unicorn&category=desk' },
    { name: 'product', path: '/products/teapot' },
    { name: 'mistakes', path: '/products/any-amount', act: makeMistakes },
    { name: 'sign-in', path: '/sign-in' },
    { name: 'basket', path: '/basket', act: fillBasket },
    { name: 'checkout', path: '/checkout' },
    { name: 'price-changed', path: '/checkout', act: buyAtAnotherPrice },
    { name: 'other-person', path: '/checkout', act: buyForSomeoneElse },
    { name: 'receipt', path: receipt },
    { name: 'history', path: '/purchases' },
    { name: 'not-known', path: '/purchases/01a20000-0000-7000-8000-000000000000' },
    { name: 'not-found', path: '/nothing-here' },
    { name: 'desk', path: '/operators' },
    { name: 'all-purchases', path: '/operators/purchases' },
    { name: 'recorded-purchase', path: '/operators/purchases', act: lookAtFirst(/^View purchase/) },
    { name: 'dead-letters', path: '/operators/dead-letters' },
    { name: 'dead-letter', path: '/operators/dead-letters', act: lookAtFirst(/^View dead letter/) },
    { name: 'audit-log', path: '/operators/audit-log' },
    { name: 'demo', path: '/operators/demo' },
  ];
}

/** Resolves when all pictures of a page are loaded, including those below the fold. */
export async function loadPictures(page: Page): Promise<void> {
  await page.evaluate(`Promise.all([...document.images].map((image) => {
    image.loading = 'eager';
    return image.decode();
  }))`);
}

/** Signs a shopper in as an operator, too. Returns the cookies of both sessions. */
async function admitOperator(ada: ShopperClient): Promise<string> {
  const response = await ada.request('/operators/sign-in', {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ token: tokens.OPERATOR_TOKEN }),
  });
  const cookie = response.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`signing in as an operator returned ${response.status}`);
  keepSecret('the cookie of an operator', cookie.slice(cookie.indexOf('=') + 1));
  return cookie;
}

async function openWindow(
  browser: Browser,
  storefront: string,
  cookie: string,
  options: BrowserContextOptions,
): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: storefront, ...options });
  const [name = '', value = ''] = cookie.split(/=(.*)/s);
  await context.addCookies([{ name, value, url: storefront }]);
  return context;
}

async function makeMistakes(page: Page): Promise<void> {
  await page.getByLabel('Quantity').fill('0');
  await page.getByRole('button', { name: 'Add to basket' }).click();
  await page.getByRole('heading', { name: 'There is a problem' }).waitFor();
}

async function fillBasket(page: Page): Promise<void> {
  for (const sku of ['mug', 'honey']) {
    await page.goto(`/products/${sku}`);
    await page.getByRole('button', { name: 'Add to basket' }).click();
    await page.getByRole('heading', { name: 'Your basket' }).waitFor();
  }
}

async function buyAtAnotherPrice(page: Page): Promise<void> {
  await page.evaluate(
    "document.querySelectorAll('input[name=line]').forEach((line) => { line.value = line.value.replace(/\\d+$/, '2000'); })",
  );
  await page.getByRole('button', { name: /^Buy for/ }).click();
  await page.getByRole('heading', { name: 'Prices have changed' }).waitFor();
}

async function buyForSomeoneElse(page: Page): Promise<void> {
  await page.evaluate("document.querySelector('#order input[name=person]').value = 'someone else'");
  await page.getByRole('button', { name: /^Buy for/ }).click();
  await page.getByRole('heading', { name: 'You are now signed in as' }).waitFor();
}

function lookAtFirst(name: RegExp): (page: Page) => Promise<void> {
  return async (page) => {
    await page.getByRole('link', { name }).first().click();
    await page.locator('pre').waitFor();
  };
}
