import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createCleanup, waitUntil } from '@unity-purchase/tools';
import type { Browser, Page } from 'playwright-core';
import { v7 } from 'uuid';
import { openBrowser } from '../system/browser.js';
import { signInFrom } from '../system/purchase-pages.js';
import { openPage } from '../system/shop-browser.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

const cleanup = createCleanup();
let shop: TestSystem;
let browser: Browser;

beforeAll(async () => {
  shop = cleanup.add(await startTestSystem());
  browser = cleanup.add(await openBrowser());
}, 120_000);

afterAll(cleanup.run, 60_000);

const open = () => openPage(browser, { baseURL: shop.storefront, viewport: { width: 800, height: 500 } });

/** The files that a page has loaded over the network, without those from the browser's cache. */
const loadedFiles = (page: Page) =>
  page.evaluate<string[]>(
    `performance.getEntriesByType('resource').filter(({ transferSize }) => transferSize > 0).map(({ name }) => new URL(name).pathname)`,
  );

test('the browser gets pages and files compressed, and on the next page loads no file again', async () => {
  await using opened = await open();
  const { page } = opened;
  const encodings = new Map<string, string | undefined>();
  page.on('response', (response) => {
    encodings.set(new URL(response.url()).pathname, response.headers()['content-encoding']);
  });
  await page.goto('/products/mug', { waitUntil: 'networkidle' });
  const first = await loadedFiles(page);
  const named = (names: string) => new RegExp(`^/${names}\\.[0-9a-f]{10}\\.\\w+$`);
  for (const names of ['style', 'page', 'pictures/mug'])
    expect(first).toContainEqual(expect.stringMatching(named(names)));
  for (const path of ['/products/mug', ...first]) expect([path, encodings.get(path)]).toEqual([path, 'br']);
  await page.goto('/basket', { waitUntil: 'networkidle' });
  expect(await loadedFiles(page)).toEqual([]);
  await page.goto('/products/mug', { waitUntil: 'networkidle' });
  expect(await loadedFiles(page)).toEqual([]);
}, 60_000);

test('the browser reads the web manifest without a complaint', async () => {
  await using opened = await open();
  const { page, context } = opened;
  await page.goto('/');
  const devTools = await context.newCDPSession(page);
  const { url, errors, data } = await devTools.send('Page.getAppManifest');
  expect(url).toMatch(/\/site\.[0-9a-f]{10}\.webmanifest$/);
  expect(errors).toEqual([]);
  expect(JSON.parse(data ?? '')).toMatchObject({ name: 'Unity' });
}, 60_000);

test('a live update keeps what is open, in focus and selected, and where the page is scrolled to', async () => {
  const id = `ada-${v7()}`;
  const client = await signIn(shop.storefront, id, 'Ada');
  await client.buy({ sku: 'teapot' });
  await client.waitForRecords(1);
  await using opened = await open();
  const { page } = opened;
  await page.goto('/sign-in?returnTo=/purchases');
  await signInFrom(page, id, 'Ada');
  const details = page.locator('main details');
  await details.locator('summary').click();
  await page.evaluate(`
    getSelection().selectAllChildren(document.querySelector('main details caption'));
    scrollTo(0, 300);`);
  const state = () =>
    page.evaluate(`({
      open: document.querySelector('main details').open,
      focus: document.activeElement.nodeName,
      selection: String(getSelection()),
      scroll: scrollY,
    })`);
  const before = await state();
  expect(before).toMatchObject({ open: true, focus: 'SUMMARY' });
  expect(before).not.toMatchObject({ selection: '' });
  expect(before).not.toMatchObject({ scroll: 0 });

  await client.buy({ sku: 'mug', quantity: 3 });
  const text = () => page.getByRole('main').innerText();
  await waitUntil(
    async () => (await text()).includes('3 × Mug') || 'the page shows no second purchase',
    30_000,
  );
  expect(await details.innerText()).toContain('€90.00');
  expect(await state()).toEqual(before);

  // The next update begins from what the last one left.
  await details.locator('summary').click();
  await client.buy({ sku: 'honey' });
  await waitUntil(async () => (await text()).includes('Honey') || 'the page shows no third purchase', 30_000);
  expect(await details.getAttribute('open')).toBeNull();
  expect((await text()).match(/Teapot/g)).toHaveLength(1);
}, 90_000);
