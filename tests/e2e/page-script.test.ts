import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createCleanup, waitUntil } from '@unity-purchase/tools';
import type { Browser, Page } from 'playwright-core';
import { v7 } from 'uuid';
import { openBrowser } from '../system/browser.js';
import { openMenu, putInBasket, signInFrom, waitForReceipt } from '../system/purchase-pages.js';
import { openPage } from '../system/shop-browser.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

const cleanup = createCleanup();
let shop: TestSystem;
let browser: Browser;

beforeAll(async () => {
  shop = cleanup.add(await startTestSystem());
  browser = cleanup.add(await openBrowser());
}, 120_000);

afterAll(cleanup.run, 60_000);

const open = (timezoneId = 'Europe/Berlin') =>
  openPage(browser, { baseURL: shop.storefront, locale: 'en-GB', timezoneId });

/** Signs in and opens the checkout with a mug. */
async function openCheckout(page: Page): Promise<void> {
  await page.goto('/sign-in');
  await signInFrom(page, `ada-${v7()}`);
  await putInBasket(page, 'mug');
  await page.goto('/checkout');
}

test('a button is busy at once, says so after a moment, and a second click sends nothing', async () => {
  await using opened = await open();
  const { page } = opened;
  await openCheckout(page);
  let sent = 0;
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/purchases', async (route) => {
    sent += 1;
    await held;
    await route.continue();
  });
  // In one step, because the browser answers no other while the form is on its way.
  const seen = await page.evaluate<unknown[]>(`new Promise((resolve) => {
    const button = document.querySelector('#order button[type=submit]');
    new MutationObserver(() => {
      button.click();
      resolve([...atOnce, button.textContent]);
    }).observe(button, { childList: true });
    button.click();
    const atOnce = [button.textContent, button.ariaDisabled];
  })`);
  expect(seen).toEqual(['Buy for €16.00', 'true', 'Placing your order …']);
  answer();
  await waitForReceipt(page);
  expect(sent).toBe(1);
}, 60_000);

test('a button can be clicked again after the connection failed', async () => {
  await using opened = await open();
  const { page } = opened;
  await openCheckout(page);
  await page.route('**/purchases', (route) => route.abort('connectionreset'));
  await page.getByRole('button', { name: /^Buy for/ }).click({ noWaitAfter: true });
  await waitUntil(() => page.url().startsWith('chrome-error:') || `the page is ${page.url()}`, 30_000);
  await page.unroute('**/purchases');
  await page.goBack();
  await page.getByRole('button', { name: /^Buy for/ }).click();
  await waitForReceipt(page);
}, 60_000);

test('an item of the catalogue goes into the basket without leaving the page', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.goto('/');
  await page.evaluate('window.isTheSamePage = true');
  await page.getByRole('button', { name: 'Add to basket: Notebook' }).click();
  await page.getByText('Notebook is in your basket.').waitFor();
  await page.getByRole('button', { name: 'Add to basket: Teapot' }).click();
  await page.getByText('Teapot is in your basket.').waitFor();
  expect(await page.getByRole('link', { name: 'Basket 2' }).count()).toBe(1);
  expect(await page.evaluate('window.isTheSamePage')).toBe(true);
  await page.goto('/basket');
  expect(await page.getByRole('main').innerText()).not.toContain('is in your basket');
}, 60_000);

test('changing the language keeps the page and what was typed', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.goto('/products/any-amount');
  await page.getByLabel('Amount').fill('12.50');
  await page.getByLabel('Quantity').fill('7');
  await openMenu(page);
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await page.getByRole('heading', { name: 'Beliebiger Betrag' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/products/any-amount');
  expect(await page.getByLabel('Betrag').inputValue()).toBe('12.50');
  expect(await page.getByLabel('Anzahl').inputValue()).toBe('7');
  await page.goto('/products/any-amount');
  expect(await page.getByLabel('Betrag').inputValue()).toBe('');
}, 60_000);

test('the menu closes with Escape, which returns the focus, and with a click elsewhere', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.goto('/');
  const isOpen = () => page.locator('.menu').evaluate((menu) => (menu as HTMLDetailsElement).open);
  await openMenu(page);
  expect(await isOpen()).toBe(true);
  await page.keyboard.press('Escape');
  expect(await isOpen()).toBe(false);
  expect(await page.evaluate('document.activeElement.className')).toBe('menu__button');
  await openMenu(page);
  await page.getByRole('heading', { level: 1 }).click();
  expect(await isOpen()).toBe(false);
}, 60_000);

test.each([
  ['Europe/Berlin', /\d\d:\d\d (CET|CEST|GMT\+[12])/],
  ['Asia/Kolkata', /\d\d:\d\d GMT\+5:30/],
])(
  'a receipt in %s shows local times with their zone',
  async (zone, time) => {
    await using opened = await open(zone);
    const { page } = opened;
    await openCheckout(page);
    await page.getByRole('button', { name: /^Buy for/ }).click();
    await waitForReceipt(page);
    const times = await page.locator('.timeline time').allInnerTexts();
    expect(times).toHaveLength(3);
    for (const each of times) expect(each).toMatch(time);
  },
  60_000,
);

test('the number of a purchase can be copied in full', async () => {
  await using opened = await open();
  const { page, context } = opened;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openCheckout(page);
  await page.getByRole('button', { name: /^Buy for/ }).click();
  await waitForReceipt(page);
  await page.locator('.short-number summary').click();
  await page.getByRole('button', { name: 'Copy number' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const purchaseId = new URL(page.url()).pathname.split('/').at(-1);
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(purchaseId);
}, 60_000);
