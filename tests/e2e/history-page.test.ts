import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createCleanup, waitUntil } from '@unity-purchase/tools';
import { openBrowser } from '../system/browser.js';
import { demandingPurchases, seedHistory } from '../system/seed-history.js';
import { openPage } from '../system/shop-browser.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

const ada = { id: 'ada-1815', name: 'Ada Lovelace' };
const cleanup = createCleanup();
let shop: TestSystem;
let browser: Browser;
let axe: string;

/** A month with purchases, and a year before this one. */
const month = new Date(Date.now() - 60 * 24 * 60 * 60_000).toISOString().slice(0, 7);
const year = String(Number(month.slice(0, 4)) - 1);

const addresses = [
  '/purchases',
  '/purchases?currency=JPY',
  `/purchases?month=${month}`,
  `/purchases?year=${year}&currency=JPY`,
  '/purchases?q=teapot',
  '/purchases?q=unicorn',
];

beforeAll(async () => {
  shop = cleanup.add(await startTestSystem());
  await seedHistory(shop, ada, demandingPurchases());
  browser = cleanup.add(await openBrowser());
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
}, 120_000);

afterAll(cleanup.run, 60_000);

/** A page in a window of this width, in which Ada is signed in. */
async function open(width: number, options: BrowserContextOptions = {}) {
  const opened = await openPage(browser, {
    baseURL: shop.storefront,
    viewport: { width, height: 900 },
    ...options,
  });
  await opened.page.goto('/sign-in?returnTo=/purchases');
  await opened.page.locator('#id').fill(ada.id);
  await opened.page.locator('#name').fill(ada.name);
  await opened.page.locator('main button[type=submit]').click();
  await opened.page.waitForURL('**/purchases');
  return opened;
}

/** Shows everything that a page has, also what is folded up. */
async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
}

test.each([
  [320, 'en'],
  [320, 'de'],
  [360, 'de'],
  [768, 'de'],
  [1440, 'en'],
])(
  'nothing is wider than a window of %i px, and no date or heading breaks, in %s',
  async (width, locale) => {
    await using opened = await open(width, { locale });
    const { page } = opened;
    for (const address of addresses) {
      await visit(page, address);
      const wide = await page.evaluate<string[]>(`[...document.querySelectorAll('body *')]
      .filter((each) => each.getBoundingClientRect().right > innerWidth + 0.5 && !each.closest('.visually-hidden, .menu__name, thead'))
      .map((each) => each.outerHTML.slice(0, 100))`);
      expect([address, wide]).toEqual([address, []]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      const broken = await page.evaluate<
        string[]
      >(`[...document.querySelectorAll('time, thead th:not(:has(.visually-hidden)), .spent th')]
      .filter((each) => {
        const text = document.createRange();
        text.selectNodeContents(each);
        return new Set([...text.getClientRects()].map(({ bottom }) => Math.round(bottom))).size > 1;
      })
      .map((each) => each.textContent)`);
      expect([address, broken]).toEqual([address, []]);
    }
  },
  120_000,
);

test.each([
  [360, 2_400],
  [1440, 1_100],
])(
  'twenty purchases are at most as high as they need at %i px: %i px',
  async (width, heightMax) => {
    await using opened = await open(width);
    const list = opened.page.getByRole('table', { name: 'Purchases, newest first' });
    expect(await list.getByRole('row').count()).toBe(21);
    expect((await list.boundingBox())?.height).toBeLessThan(heightMax);
  },
  60_000,
);

test.each([
  [320, 'light', 'en'],
  [320, 'dark', 'de'],
  [1280, 'dark', 'en'],
] as const)(
  'axe finds no violation at %i px in the %s scheme, in %s',
  async (width, colorScheme, locale) => {
    // Evaluating axe needs scripts that the page's own policy forbids.
    await using opened = await open(width, { colorScheme, locale, bypassCSP: true });
    const { page } = opened;
    for (const address of addresses) {
      await visit(page, address);
      await page.evaluate(axe);
      const violations = await page.evaluate<string[]>(`axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary)))`);
      expect([address, violations]).toEqual([address, []]);
    }
  },
  120_000,
);

test('the chart fills its box at every width', async () => {
  for (const width of [320, 768, 1440]) {
    await using opened = await open(width);
    const [plot, bars] = await opened.page.evaluate<[number, number]>(`(() => {
      const width = (selector) => document.querySelector(selector).getBoundingClientRect().width;
      return [width('.bars__plot') - (innerWidth > 640 ? width('.bars__axis') + 8 : 0), width('.bars__months')];
    })()`);
    expect(Math.abs(plot - bars)).toBeLessThan(1);
    const rects = await opened.page.evaluate<number[]>(
      "[...document.querySelectorAll('.bars__bar')].map((each) => each.getBoundingClientRect().height)",
    );
    expect(new Set(rects).size).toBe(1);
  }
}, 60_000);

test('a month is selected on the chart with the keyboard, and all of the page shows it', async () => {
  await using opened = await open(1280);
  const { page } = opened;
  const bar = page.getByRole('listitem').getByRole('link').last();
  const [name = ''] = ((await bar.locator('.visually-hidden').textContent()) ?? '').split(':');
  expect(name).toMatch(/^\w+ \d{4}$/);
  const focused = () => page.evaluate<string>("document.activeElement.closest('a')?.textContent ?? ''");
  for (let presses = 0; !(await focused()).includes(`${name}:`); presses += 1) {
    expect(presses).toBeLessThan(60);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: `Your purchases in ${name}` }).waitFor();
  expect(await page.locator('.bars__month[aria-current=true]').textContent()).toContain(`${name}:`);
  expect(await page.getByText(`Download the purchases in ${name}:`).isVisible()).toBe(true);
  const rows = await page.getByRole('table', { name: 'newest first' }).getByRole('row').count();
  expect(await page.locator('.lead').innerText()).toMatch(
    new RegExp(`^${rows - 1} purchases? in ${name}\\.$`),
  );
  await page.getByRole('link', { name: 'All your purchases' }).click();
  await page.getByRole('heading', { level: 1, name: 'Your purchases', exact: true }).waitFor();
}, 60_000);

test('the currency of the chart, a year and a search work without scripts', async () => {
  await using opened = await open(360, { javaScriptEnabled: false });
  const { page } = opened;
  await page.getByRole('link', { name: 'JPY', exact: true }).click();
  expect(await page.locator('figcaption').innerText()).toContain('Spending by month in JPY');
  await page.getByRole('link', { name: year, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: `Your purchases in ${year}` }).waitFor();
  expect(await page.locator('figcaption').innerText()).toContain('Spending by month in JPY');
  await page.getByLabel('Search your purchases').first().fill('LINEN');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**q=LINEN&year=${year}&currency=JPY`);
  expect(await page.locator('.lead').innerText()).toMatch(/^\d+ purchases match “LINEN”\.$/);
}, 60_000);

test('a purchase is found by the first part of its number', async () => {
  await using opened = await open(1280);
  const { page } = opened;
  await page.goto(`/purchases?year=${year}`);
  const address = await page.getByRole('link', { name: /^View/ }).last().getAttribute('href');
  const number = (address ?? '').split('/').at(-1)?.slice(0, 8) ?? '';
  await page.goto('/purchases');
  await page.getByRole('searchbox').fill(`#${number.toUpperCase()}`);
  await page.keyboard.press('Enter');
  await page.getByText(`1 purchase matches “#${number.toUpperCase()}”.`).waitFor();
  expect(await page.getByRole('link', { name: /^View/ }).getAttribute('href')).toBe(address);
}, 60_000);

test('a live update changes the page of a month and keeps what is typed in the search', async () => {
  await using opened = await open(1280);
  const { page } = opened;
  const thisMonth = new Date().toISOString().slice(0, 7);
  await page.goto(`/purchases?month=${thisMonth}`);
  const countOf = async () => Number(/^\d+/.exec(await page.locator('.lead').innerText())?.[0]);
  const before = await countOf();
  await page.getByRole('searchbox').fill('half a wo');
  const client = await signIn(shop.storefront, ada.id, ada.name);
  await client.buy({ sku: 'mug' });
  await waitUntil(async () => {
    const now = await countOf();
    return now === before + 1 || `the page shows ${now} purchases`;
  }, 30_000);
  expect(await page.getByRole('searchbox').inputValue()).toBe('half a wo');
  expect(await page.evaluate('document.activeElement.id')).toBe('q');
}, 60_000);

test('the history prints as a table with the shop and the customer, and its bars are grey', async () => {
  await using opened = await open(360);
  const { page } = opened;
  await page.emulateMedia({ media: 'print' });
  expect(await page.getByText('Unity · Purchases of Ada Lovelace (ada-1815)').isVisible()).toBe(true);
  const styles = await page.evaluate<Record<string, string>>(`({
    row: getComputedStyle(document.querySelector('.history tbody tr')).display,
    bar: getComputedStyle(document.querySelector('.bars__bar')).fill,
  })`);
  expect(styles).toEqual({ row: 'table-row', bar: 'rgb(119, 119, 119)' });
  for (const hidden of [page.getByRole('searchbox'), page.getByText('Show as table'), page.locator('.files')])
    expect(await hidden.isVisible()).toBe(false);
}, 60_000);
