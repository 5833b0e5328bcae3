import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { waitUntil } from '@unity-purchase/tools';
import type { Browser, Page } from 'playwright-core';
import { v7 } from 'uuid';
import { openBrowser } from '../src/browser.js';
import { openedParts } from '../src/opened-parts.js';
import { startTestSystem, type TestSystem } from '../src/test-system.js';

const opened = openedParts();
let shop: TestSystem;
let browser: Browser;

beforeAll(async () => {
  shop = opened.add(await startTestSystem());
  browser = opened.add(await openBrowser());
}, 120_000);

afterAll(opened.close, 60_000);

/** A page of a browser of its own; whatever the page complains about fails the test at its end. */
async function openPage(javaScriptEnabled: boolean) {
  const context = await browser.newContext({ baseURL: shop.storefront, javaScriptEnabled });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A page that answers 503 or 404 on purpose is reported by the browser itself.
    if (message.type() === 'error' && !message.text().includes('the server responded with a status'))
      complaints.push(message.text());
  });
  return {
    page,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      expect(complaints).toEqual([]);
    },
  };
}

async function signInFrom(page: Page, id: string) {
  await page.getByLabel('Customer number').fill(id);
  await page.getByLabel('Name', { exact: true }).fill('Ada Lovelace');
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
}

const statusOf = (page: Page) => page.locator('#purchase-status').getAttribute('data-state');

async function waitForReceipt(page: Page) {
  await waitUntil(async () => {
    const status = await statusOf(page).catch(() => 'being loaded');
    return status === 'recorded' || `the page says ${String(status)}`;
  }, 30_000);
}

describe.each([
  ['with scripts', true],
  ['without scripts', false],
])('the shop %s', (_how, javaScriptEnabled) => {
  test('sells: choose, sign in, buy, see the receipt, see it in the history', async () => {
    await using opened = await openPage(javaScriptEnabled);
    const { page } = opened;
    await page.goto('/');
    await page.getByRole('link', { name: /Teapot/ }).click();
    await page.getByLabel('Quantity').fill('2');
    await page.getByRole('button', { name: 'Sign in and buy' }).click();
    await signInFrom(page, `ada-${v7()}`);

    // Back at the product, with what was typed, and nothing bought yet.
    expect(await page.getByLabel('Quantity').inputValue()).toBe('2');
    await page.getByRole('button', { name: 'Buy now' }).click();
    await waitForReceipt(page);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Thank you, Ada Lovelace');
    expect(await page.getByRole('table').innerText()).toContain('€84.00');

    await page.getByRole('link', { name: 'All your purchases' }).click();
    expect(await page.getByRole('main').innerText()).toContain('One purchase in all.');
    expect(await page.getByRole('row').nth(1).innerText()).toContain('2 × Teapot');
    await page.getByRole('link', { name: /^Receipt of 2 × Teapot/ }).click();
    await waitForReceipt(page);
  }, 60_000);

  test('says what is wrong with a form, keeps what was typed, and lets it be put right', async () => {
    await using opened = await openPage(javaScriptEnabled);
    const { page } = opened;
    await page.goto('/sign-in');
    await signInFrom(page, `ada-${v7()}`);
    await page.getByRole('link', { name: 'Any amount' }).click();
    await page.getByLabel('Amount').fill('12.345');
    await page.getByRole('button', { name: 'Buy now' }).click();
    expect(await page.title()).toMatch(/^Error: /);
    expect(await page.getByLabel('Amount').inputValue()).toBe('12.345');
    await page.getByRole('link', { name: 'Enter an amount that EUR has coins for' }).click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('amount');
    await page.getByLabel('Amount').fill('12,34');
    await page.getByRole('button', { name: 'Buy now' }).click();
    await waitForReceipt(page);
    expect(await page.getByRole('table').innerText()).toContain('€12.34');
  }, 60_000);

  test('buys once although the receipt is loaded again', async () => {
    await using opened = await openPage(javaScriptEnabled);
    const { page } = opened;
    await page.goto('/sign-in?returnTo=/products/honey');
    await signInFrom(page, `ada-${v7()}`);
    await page.getByRole('button', { name: 'Buy now' }).click();
    await waitForReceipt(page);
    await page.reload();
    await waitForReceipt(page);
    await page.goto('/purchases');
    expect(await page.getByRole('main').innerText()).toContain('One purchase in all.');
  }, 60_000);
});

test('the history says that it is unavailable, not that it is empty, while it cannot be read', async () => {
  await using opened = await openPage(true);
  const { page } = opened;
  await page.goto('/sign-in');
  await signInFrom(page, `ada-${v7()}`);
  await shop.system.process('purchase-service').stop();
  const response = await page.goto('/purchases');
  expect(response?.status()).toBe(503);
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(
    'Your purchases cannot be shown right now',
  );

  // What is bought meanwhile is accepted, and the page shows the receipt as soon as there is one.
  await page.goto('/products/mug');
  await page.getByRole('button', { name: 'Buy now' }).click();
  expect(await statusOf(page)).toBe('accepted');
  await shop.system.process('purchase-service').start();
  await shop.system.waitUntilReady('purchase-service');
  await waitForReceipt(page);
}, 120_000);
