import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { purchasePlaced, topics } from '@unity-purchase/contracts';
import { createCleanup } from '@unity-purchase/tools';
import type { Browser, Page } from 'playwright-core';
import { v7 } from 'uuid';
import { openBrowser } from '../system/browser.js';
import { createPurchase } from '../system/create-purchase.js';
import { openPage } from '../system/shop-browser.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

const tokens = {
  OPERATOR_TOKEN: 'of-those-who-watch-the-desk',
  APP_API_TOKEN: 'of-the-sidecar-that-is-watched',
};

/** The desk reads every two seconds. */
const shownWithinMs = 15_000;

const cleanup = createCleanup();
let shop: TestSystem;
let browser: Browser;

beforeAll(async () => {
  const { OPERATOR_TOKEN, APP_API_TOKEN } = tokens;
  shop = cleanup.add(
    await startTestSystem({ env: { apps: { OPERATOR_TOKEN, APP_API_TOKEN }, sidecars: { APP_API_TOKEN } } }),
  );
  browser = cleanup.add(await openBrowser());
}, 120_000);

afterAll(cleanup.run, 60_000);

const figure = (page: Page, name: string, value: string) =>
  page
    .locator('.figures__item', { hasText: name })
    .locator('.figures__value', { hasText: new RegExp(`^${value}$`) });

test('the overview changes by itself when a purchase is recorded, a dead letter arrives and a part fails', async () => {
  await using window = await openPage(browser, { baseURL: shop.storefront });
  const { page } = window;
  // The shop itself leads to the desk.
  await page.goto('/');
  await page.getByRole('link', { name: 'Operator desk' }).click();
  await page.getByLabel('Operator token').fill(tokens.OPERATOR_TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await figure(page, 'Recorded in the last minute', '0').waitFor();
  await page.getByText('No problems are known.').waitFor();
  // Reloading would set it again.
  await page.evaluate('window.isStillOpen = true');

  const ada = await signIn(shop.storefront, `ada-${v7()}`, 'Ada Lovelace');
  await ada.buy({ sku: 'teapot', quantity: 2 });
  await figure(page, 'Accepted in the last minute', '1').waitFor({ timeout: shownWithinMs });
  await figure(page, 'Recorded in the last minute', '1').waitFor({ timeout: shownWithinMs });
  await figure(page, 'Accepted, not yet recorded', '0').waitFor({ timeout: shownWithinMs });

  await using broker = await shop.connectToBroker();
  const event = purchasePlaced(createPurchase(ada.id, 1600, 'Ada Lovelace'));
  await broker.publish(topics.purchaseEvents, { ...event, type: 'purchase.placed.v9' });
  await page.getByText('Dead letters wait for a decision').waitFor({ timeout: shownWithinMs });
  await figure(page, 'Dead letters waiting', '1').waitFor();
  await page.getByRole('link', { name: 'Dead letters 1 waiting' }).waitFor();

  await shop.system.process('purchase-service').stop();
  await page.getByText('The purchase-service does not answer').waitFor({ timeout: shownWithinMs });
  await ada.buy({ sku: 'mug', quantity: 1 });
  await figure(page, 'Accepted, not yet recorded', 'up to 1').waitFor({ timeout: shownWithinMs });
  expect(await page.evaluate('window.isStillOpen')).toBe(true);

  // Every other page names the part, and keeps the navigation with the number.
  expect((await page.goto('/operators/audit-log'))?.status()).toBe(503);
  await page.getByRole('heading', { name: 'The purchase-service does not answer' }).waitFor();
  await page.getByText(/^No answer since \d/).waitFor();
  expect(await page.getByRole('link', { name: 'Audit log' }).getAttribute('aria-current')).toBe('page');
  await page.getByRole('link', { name: 'See the overview' }).click();

  await shop.system.process('purchase-service').start();
  await shop.system.waitUntilReady('purchase-service');
  await page
    .getByText('The purchase-service does not answer')
    .waitFor({ state: 'detached', timeout: shownWithinMs });
  await figure(page, 'Accepted, not yet recorded', '0').waitFor({ timeout: shownWithinMs });

  // A page that cannot be updated any more does not stay as if it were.
  await window.context.clearCookies();
  await page.getByLabel('Operator token').waitFor({ timeout: shownWithinMs });
}, 120_000);
