import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { createCleanup } from '@unity-purchase/tools';
import { openBrowser } from '../system/browser.js';
import { loadPictures, prepareShop, type PreparedShop } from '../system/shop-pages.js';

/** The limit for a page with all its assets, in bytes on the wire. */
const pageBytesMax = 100_000;

/** Screen widths from the narrowest supported to a wide one. */
const widths = [320, 1280, 2560];

const cleanup = createCleanup();
let shop: PreparedShop;
let browser: Browser;
let axe: string;

beforeAll(async () => {
  shop = cleanup.add(await prepareShop());
  browser = cleanup.add(await openBrowser());
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
}, 120_000);

afterAll(cleanup.run, 60_000);

/** Visits all pages of the shop in a context of its own. */
async function visitAll(
  options: Parameters<PreparedShop['openWindow']>[1],
  look: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  const context = await shop.openWindow(browser, options);
  const page = await context.newPage();
  for (const { name, path, act } of shop.pages) {
    await page.goto(path);
    await act?.(page);
    await look(page, name);
  }
  await context.close();
}

/** axe-core's violations of WCAG 2.2 AA and its best practices. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate<string[]>(`axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary)))`);
}

describe.each(['light', 'dark'] as const)('in the %s scheme', (colorScheme) => {
  test('axe finds no violation on any page', async () => {
    const found: string[] = [];
    // Evaluating axe needs scripts that the page's own policy forbids.
    await visitAll(
      { colorScheme, bypassCSP: true, viewport: { width: 1280, height: 900 } },
      async (page, name) => {
        found.push(...(await violationsOf(page)).map((violation) => `${name}: ${violation}`));
      },
    );
    expect(found).toEqual([]);
  }, 120_000);
});

test.each(widths)(
  'no page is wider than a window of %i px',
  async (width) => {
    const wide: string[] = [];
    await visitAll({ viewport: { width, height: 900 } }, async (page, name) => {
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      if (overflow > 0) wide.push(`${name}: ${overflow} px`);
    });
    expect(wide).toEqual([]);
  },
  120_000,
);

/** Everything a page loaded, including pictures below the fold: addresses and bytes on the wire. */
async function loadedBy(page: Page): Promise<{ name: string; transferSize: number }[]> {
  await loadPictures(page);
  return page.evaluate(`[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .map(({ name, transferSize }) => ({ name, transferSize }))`);
}

test('every page weighs at most 100 kB and loads nothing from other hosts', async () => {
  const weights: [name: string, bytes: number][] = [];
  const foreign: string[] = [];
  const context = await shop.openWindow(browser);
  // Intercepting requests switches the browser's cache off.
  await context.route('**', (route) => route.continue());
  const page = await context.newPage();
  for (const { name, path, act } of shop.pages) {
    await page.goto(path, { waitUntil: 'load' });
    await act?.(page);
    const loaded = await loadedBy(page);
    foreign.push(
      ...loaded.filter((each) => !each.name.startsWith(shop.system.storefront)).map((each) => each.name),
    );
    weights.push([name, loaded.reduce((sum, { transferSize }) => sum + transferSize, 0)]);
  }
  await context.close();
  expect(foreign).toEqual([]);
  // A page without its style sheet would weigh less.
  expect(weights.filter(([, bytes]) => bytes < 10_000)).toEqual([]);
  expect(weights.filter(([, bytes]) => bytes > pageBytesMax)).toEqual([]);
}, 180_000);

test('every link on every page leads to a page', async () => {
  const links = new Map<string, string>();
  await visitAll({}, async (page, name) => {
    const found = await page.evaluate<string[]>(
      `[...document.querySelectorAll('a[href]:not([href^="#"])')].map((link) => link.href)`,
    );
    for (const link of found) links.set(link.replace(/#.*/, ''), name);
  });
  const context = await shop.openWindow(browser);
  const broken: string[] = [];
  for (const [link, from] of links) {
    const response = await context.request.get(link);
    if (!response.ok()) broken.push(`${from}: ${link} is answered with ${response.status()}`);
  }
  await context.close();
  expect(links.size).toBeGreaterThan(40);
  expect(broken).toEqual([]);
}, 120_000);

test('nothing is animated when the browser prefers reduced motion', async () => {
  const moving: string[] = [];
  await visitAll({ reducedMotion: 'reduce' }, async (page, name) => {
    const count = await page.evaluate<number>(`document.getAnimations().length`);
    if (count > 0) moving.push(name);
  });
  expect(moving).toEqual([]);
}, 120_000);

test('a receipt prints without the parts that only matter on screen', async () => {
  const context = await shop.openWindow(browser);
  const page = await context.newPage();
  await page.goto(shop.pages.find(({ name }) => name === 'receipt')?.path ?? '');
  await page.emulateMedia({ media: 'print' });
  for (const name of ['Sign out', 'Buy again', 'Print receipt'])
    expect(await page.getByRole('button', { name }).isVisible()).toBe(false);
  expect(await page.getByRole('table').isVisible()).toBe(true);
  await context.close();
}, 60_000);
