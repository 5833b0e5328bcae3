import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createCleanup } from '@unity-purchase/tools';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../system/browser.js';
import { openPage } from '../system/shop-browser.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

const tokens = { OPERATOR_TOKEN: 'of-those-who-pause', APP_API_TOKEN: 'of-the-sidecar-that-survives' };

/** The pause itself takes ten seconds. What waited is delivered again after at most ten more. */
const recordedWithinMs = 60_000;

const cleanup = createCleanup();
let shop: TestSystem;
let browser: Browser;

/** PostgreSQL serves each connection in a process of its own, so pausing it needs more than pausing one process. */
beforeAll(async () => {
  const { OPERATOR_TOKEN, APP_API_TOKEN } = tokens;
  shop = cleanup.add(
    await startTestSystem({
      store: 'postgresql',
      env: { apps: { OPERATOR_TOKEN, APP_API_TOKEN }, sidecars: { APP_API_TOKEN } },
      offersPauses: true,
    }),
  );
  browser = cleanup.add(await openBrowser());
}, 180_000);

afterAll(cleanup.run, 60_000);

async function openDemo(page: Page): Promise<void> {
  await page.goto('/operators/demo');
  await page.getByLabel('Operator token').fill(tokens.OPERATOR_TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function pause(page: Page, part: RegExp): Promise<void> {
  await page.getByRole('radio', { name: part }).check();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByText(/Paused, back in \d+ seconds?/).waitFor();
}

/** Resolves when the page shows the purchase in this state, without a click. */
const shows = (page: Page, state: string) =>
  page.locator(`#purchase-now[data-state="${state}"]`).waitFor({ timeout: recordedWithinMs });

test.each([
  ['store', /^Store/, true],
  ['store, without scripts', /^Store/, false],
  ['purchase-service', /^Purchase-service/, true],
] as const)(
  'a purchase made while this is paused is accepted, and recorded when it is back: %s',
  async (_what, part, javaScriptEnabled) => {
    await using window = await openPage(browser, { baseURL: shop.storefront, javaScriptEnabled });
    const { page } = window;
    await openDemo(page);
    await pause(page, part);
    await page.getByRole('button', { name: 'Buy', exact: true }).click();
    await shows(page, 'accepted');
    expect(await page.getByText(/Paused, back in \d+ seconds?/).count()).toBe(1);
    await shows(page, 'recorded');
    expect(await page.getByText(/Paused, back in/).count()).toBe(0);
    const after = await page.getByText(/s after the order/).textContent();
    expect(Number(/([\d.]+)/.exec(after ?? '')?.[1])).toBeGreaterThan(4);
    await page.getByRole('link', { name: 'View the recorded purchase' }).click();
    await page.getByRole('heading', { level: 1, name: 'Purchase' }).waitFor();
  },
  120_000,
);

test('a purchase made while the broker is paused is not confirmed, and sent again it is bought once', async () => {
  const shopper = await signIn(shop.storefront);
  await using window = await openPage(browser, { baseURL: shop.storefront });
  const { page, context } = window;
  const [name = '', ...value] = shopper.cookie.split('=');
  await context.addCookies([{ name, value: value.join('='), url: shop.storefront }]);
  await openDemo(page);
  await pause(page, /^Broker/);
  await page.getByRole('button', { name: 'Buy', exact: true }).click();
  await shows(page, 'unknown');
  await page.getByText(/Paused, back in/).waitFor({ state: 'detached', timeout: 30_000 });
  await page.getByRole('button', { name: 'Try again: you won’t buy twice' }).click();
  await shows(page, 'recorded');
  expect((await shopper.history()).totals.count).toBe(1);
}, 120_000);

test('the shop says nothing of it to others', async () => {
  const shopper = await signIn(shop.storefront);
  const answer = await fetch(`${shop.storefront}/operators/demo/pauses`, {
    method: 'POST',
    headers: { cookie: shopper.cookie, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ part: 'broker', seconds: '60' }),
    redirect: 'manual',
  });
  expect([answer.status, answer.headers.get('location')]).toEqual([
    303,
    expect.stringContaining('/operators/sign-in'),
  ]);
  await shopper.buy({ sku: 'mug' });
});
