import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { waitUntil, createCleanup } from '@unity-purchase/tools';
import type { Browser, Page } from 'playwright-core';
import { v7 } from 'uuid';
import { openBrowser } from '../system/browser.js';
import {
  openMenu,
  purchaseStateOf,
  putInBasket,
  signInFrom,
  waitForReceipt,
} from '../system/purchase-pages.js';
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

const open = (javaScriptEnabled = true, width = 1280, locale = 'en-GB') =>
  openPage(browser, {
    baseURL: shop.storefront,
    javaScriptEnabled,
    viewport: { width, height: 800 },
    locale,
  });

const textOf = (page: Page) => page.getByRole('main').innerText();
const buyButton = (page: Page) => page.getByRole('button', { name: /^Buy for/ });

describe.each([
  ['with scripts, on a desk', true, 1280],
  ['with scripts, on a telephone', true, 360],
  ['without scripts, on a desk', false, 1280],
  ['without scripts, on a telephone', false, 360],
])('the shop %s', (_how, javaScriptEnabled, width) => {
  test('sells from browsing to the receipt, the history, the download and buying again', async () => {
    await using opened = await open(javaScriptEnabled, width);
    const { page } = opened;
    await page.goto('/');
    await page.getByLabel('Search the shop').fill('stoneware');
    await page.getByRole('button', { name: 'Search' }).click();
    expect(await textOf(page)).toContain('2 results');
    await page.getByRole('link', { name: /Teapot/ }).click();
    await page.getByLabel('Quantity').fill('3');
    await page.getByRole('button', { name: 'Add to basket' }).click();
    expect(await textOf(page)).toContain('Teapot is in your basket.');
    await page.getByRole('link', { name: 'Keep shopping' }).click();
    await page.getByRole('link', { name: 'Kitchen' }).click();
    await page.getByRole('link', { name: 'Honey' }).click();
    await page.getByRole('button', { name: 'Add to basket' }).click();
    await page.getByLabel('Quantity of Teapot').fill('2');
    await page.getByRole('button', { name: 'Update basket' }).click();
    await page.getByRole('button', { name: 'Remove Honey' }).click();
    expect(await page.getByRole('row', { name: /^Total/ }).innerText()).toContain('€84.00');

    await page.getByRole('button', { name: 'Check your order' }).click();
    await signInFrom(page, `ada-${v7()}`);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Check your order');
    expect(await textOf(page)).toContain('2 × €42.00 = €84.00');
    await buyButton(page).click();
    await waitForReceipt(page);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Thank you, Ada Lovelace');
    expect(await page.getByRole('table').innerText()).toContain('€84.00');
    expect(await textOf(page)).toMatch(/\d[\d.]*\ss after the order/);

    await page.getByRole('link', { name: 'All your purchases' }).click();
    expect(await textOf(page)).toContain('1 purchase in total.');
    expect(
      await page
        .getByRole('figure', { name: /^Spending by month in EUR/ })
        .getByRole('link')
        .count(),
    ).toBe(1);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'spreadsheet (CSV)' }).click(),
    ]);
    expect(await readFile(await download.path(), 'utf8')).toContain(',teapot,Teapot,2,42.00,84.00,EUR');
    await page.getByRole('button', { name: /^Buy again: 2 × Teapot/ }).click();
    expect(await textOf(page)).toContain('at today’s prices');
    expect(await page.getByLabel('Quantity of Teapot').inputValue()).toBe('2');
    expect(await widerThanItsWindow(page)).toBe(false);
  }, 60_000);

  test('explains what is wrong with a form, keeps the input and accepts the correction', async () => {
    await using opened = await open(javaScriptEnabled, width);
    const { page } = opened;
    await page.goto('/sign-in');
    await signInFrom(page, `ada-${v7()}`);
    await page.getByRole('link', { name: 'Any amount', exact: true }).click();
    await page.getByLabel('Amount').fill('12.345');
    await page.getByRole('button', { name: 'Add to basket' }).click();
    expect(await page.title()).toMatch(/^Error: /);
    expect(await page.getByLabel('Amount').inputValue()).toBe('12.345');
    await page.getByRole('link', { name: 'Enter an amount with at most 2 decimals' }).click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('amount');
    await page.getByLabel('Amount').fill('12,34');
    await page.getByRole('button', { name: 'Add to basket' }).click();
    await page.getByRole('button', { name: 'Check your order' }).click();
    await buyButton(page).click();
    await waitForReceipt(page);
    expect(await page.getByRole('table').innerText()).toContain('€12.34');
  }, 60_000);

  test('buys once after a double click, back, reload and a click in another window', async () => {
    await using opened = await open(javaScriptEnabled, width);
    const { page, context } = opened;
    await page.goto('/sign-in');
    await signInFrom(page, `ada-${v7()}`);
    await putInBasket(page, 'honey');
    await page.goto('/checkout');
    const other = await context.newPage();
    await other.goto('/checkout');
    await buyButton(page).dblclick();
    await waitForReceipt(page);
    await page.reload();
    await waitForReceipt(page);
    await page.goBack();
    // Back leads to the empty basket, or to the form, which must not buy again.
    if ((await buyButton(page).count()) > 0) {
      await buyButton(page).click();
      await waitForReceipt(page);
    }
    await buyButton(other).click();
    await waitForReceipt(other);
    expect(await other.getByRole('table').innerText()).toContain('Honey');
    await page.goto('/purchases');
    expect(await textOf(page)).toContain('1 purchase in total.');
  }, 60_000);

  test('keeps the order when the session ends before it is bought', async () => {
    await using opened = await open(javaScriptEnabled, width);
    const { page, context } = opened;
    const id = `ada-${v7()}`;
    await page.goto('/sign-in');
    await signInFrom(page, id);
    await putInBasket(page, 'mug', '4');
    await page.goto('/checkout');
    await context.clearCookies();
    await buyButton(page).click();
    await signInFrom(page, id);
    expect(await textOf(page)).toContain('4 × €16.00 = €64.00');
    await buyButton(page).click();
    await waitForReceipt(page);
  }, 60_000);

  test('buys nothing in a tab of someone who is no longer signed in', async () => {
    await using opened = await open(javaScriptEnabled, width);
    const { page, context } = opened;
    await page.goto('/sign-in');
    await signInFrom(page, `ada-${v7()}`);
    await putInBasket(page, 'mug', '4');
    await page.goto('/checkout');
    const other = await context.newPage();
    await other.goto('/');
    await openMenu(other);
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.goto('/sign-in');
    await signInFrom(other, `bob-${v7()}`, 'Bob');
    await buyButton(page).click();
    const heading = page.getByRole('heading', { name: 'You are now signed in as Bob' });
    await heading.waitFor();
    await page.getByRole('link', { name: 'Continue as Bob' }).click();
    expect(await textOf(page)).toContain('Your basket is empty.');
    await page.goto('/purchases');
    expect(await textOf(page)).toContain('You have not bought anything yet.');
  }, 60_000);
});

async function widerThanItsWindow(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
}

/** Presses Tab until the named element has the focus. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const wanted = page
    .getByRole('link', { name })
    .or(page.getByRole('button', { name }))
    .or(page.getByLabel(name));
  for (let press = 0; press < 80; press += 1) {
    await page.keyboard.press('Tab');
    for (const candidate of await wanted.all())
      if (await candidate.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`80 presses of Tab do not lead to ${String(name)}`);
}

test('the whole journey works by keyboard with a visible focus', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.goto('/');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to main content');
  await page.keyboard.press('Enter');
  await tabTo(page, 'Mug');
  expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/products/mug');
  await tabTo(page, 'Quantity');
  await page.keyboard.type('none');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'There is a problem' }).waitFor();
  expect(await page.evaluate('document.activeElement.id')).toBe('error-summary');
  await tabTo(page, 'Enter a whole number from 1 to 100');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('quantity');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('3');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/basket');
  await tabTo(page, 'Quantity of Mug');
  await page.keyboard.type('2');
  await tabTo(page, 'Check your order');
  await page.keyboard.press('Enter');
  await tabTo(page, 'Customer number');
  await page.keyboard.type(`ada-${v7()}`);
  await tabTo(page, 'Name');
  await page.keyboard.type('Ada');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/checkout');
  await tabTo(page, /^Buy for/);
  await page.keyboard.press('Enter');
  await waitForReceipt(page);
  await tabTo(page, 'All your purchases');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/purchases');
  expect(await textOf(page)).toContain('2 × Mug');
}, 60_000);

test('an open history shows a purchase made in another window without a reload', async () => {
  const id = `ada-${v7()}`;
  await using here = await open();
  await using there = await open();
  for (const { page } of [here, there]) {
    await page.goto('/sign-in?returnTo=/purchases');
    await signInFrom(page, id);
  }
  await there.page.evaluate('window.isTheSamePage = true');
  expect(await textOf(there.page)).toContain('You have not bought anything yet.');
  await putInBasket(here.page, 'teapot');
  await here.page.goto('/checkout');
  await buyButton(here.page).click();
  await waitForReceipt(here.page);
  await waitUntil(
    async () =>
      (await textOf(there.page)).includes('1 purchase in total.') || 'the other page shows no purchase',
    30_000,
  );
  expect(await there.page.evaluate('window.isTheSamePage')).toBe(true);
  expect(await there.page.locator('#announcement').innerText()).toBe('Your purchases have been updated.');
}, 60_000);

test('a hidden page closes its event stream', async () => {
  await using opened = await open();
  const { page, context } = opened;
  await page.goto('/sign-in?returnTo=/purchases');
  await signInFrom(page, `ada-${v7()}`);
  const streams = async () => {
    const metrics = await (await fetch(`${shop.storefront}/metrics`)).text();
    return Number(/^live_streams (\d+)$/m.exec(metrics)?.[1]);
  };
  const wait = (count: number) =>
    waitUntil(async () => {
      const there = await streams();
      return there === count || `there are ${there} streams, not ${count}`;
    }, 30_000);
  await wait(1);
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));`);
  await wait(0);
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: false, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));`);
  await wait(1);
  await context.close();
  await wait(0);
}, 90_000);

test('a German browser gets German texts, amounts and dates', async () => {
  await using opened = await open(true, 1280, 'de-DE');
  const { page } = opened;
  await page.goto('/products/teapot');
  expect(await textOf(page)).toMatch(/42,00\s€/);
  await page.getByRole('button', { name: 'In den Warenkorb' }).click();
  await page.getByRole('button', { name: 'Bestellung prüfen' }).click();
  await page.getByLabel('Kundennummer').fill(`ada-${v7()}`);
  await page.getByLabel('Name', { exact: true }).fill('Ada');
  await page.getByRole('main').getByRole('button', { name: 'Anmelden' }).click();
  await page.getByRole('button', { name: /^Für 42,00/ }).click();
  await waitForReceipt(page);
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Vielen Dank, Ada');
  expect(await page.getByRole('table').innerText()).toContain('Teekanne');
  await openMenu(page);
  await page.getByRole('button', { name: 'English' }).click();
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Thank you, Ada');
}, 60_000);

test('the history says that it is unavailable, not empty, while the purchase-service is down', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.goto('/sign-in');
  await signInFrom(page, `ada-${v7()}`);
  await shop.system.process('purchase-service').stop();
  const response = await page.goto('/purchases');
  expect(response?.status()).toBe(503);
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(
    'Your purchases cannot be shown right now',
  );

  // A purchase made meanwhile is accepted, and its page shows the receipt once it is recorded.
  await putInBasket(page, 'mug');
  await page.goto('/checkout');
  await buyButton(page).click();
  expect(await purchaseStateOf(page)).toBe('accepted');
  await shop.system.process('purchase-service').start();
  await shop.system.waitUntilReady('purchase-service');
  await waitForReceipt(page);
}, 120_000);
