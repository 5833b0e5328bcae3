import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createCleanup } from '@unity-purchase/tools';
import type { Browser, Page } from 'playwright-core';
import { createShopOf, startFakeIssuer } from '../../storefront/test/fakes/fake-issuer.js';
import { keyboardProblemsOf, linksOf, loadedBy, overflowsOf, violationsOf } from '../pages/inspect-page.js';
import { prepareShop, type PreparedShop, type VisitorName } from '../pages/prepare-shop.js';
import type { ShopPage } from '../pages/shop-page.js';
import { visitPages } from '../pages/visit-pages.js';
import { openBrowser } from '../system/browser.js';
import { routesOf } from '../system/express-routes.js';

/** The limit for a page with all its assets, in bytes on the wire. */
const pageBytesMax = 50_000;

/** The style sheet alone weighs more than this. */
const pageBytesMin = 4_000;

/** Routes that answer a browser with something else than a page. */
const notPages = [
  '/.well-known/security.txt',
  '/openapi.json',
  '/operators/dead-letters/:id/content',
  '/operators/news',
  '/purchases.csv',
  '/purchases.json',
  '/purchases/news',
  '/purchases/:purchaseId/news',
  '/sign-in/start',
];

/** What was seen on a page, in English. */
type Seen = {
  pathname: string;
  as: VisitorName;
  violations: string[];
  /** The weight for a first visit; undefined if other pages come before it, which have loaded the style sheet. */
  bytes: number | undefined;
  foreign: string[];
  links: string[];
  animations: number;
  keyboard: string[];
};

const cleanup = createCleanup();
const seen = new Map<string, Seen>();
const overflows: string[] = [];
let shop: PreparedShop;
let browser: Browser;
let axe: string;

beforeAll(async () => {
  browser = cleanup.add(await openBrowser());
  shop = cleanup.add(await prepareShop(browser));
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const languages = ['en-GB', 'de-DE'];
  const pages = shop.pages.filter(({ media }) => media === undefined);
  // Evaluating axe needs scripts that the page's own policy forbids.
  await visitPages(
    shop,
    browser,
    { pages, languages, bypassCSP: true, reducedMotion: 'reduce', viewport: { width: 1280, height: 900 } },
    async (page, shown, language) => {
      if (language === 'en-GB') seen.set(shown.name, await inspect(page, shown));
      for (const overflow of await overflowsOf(page))
        overflows.push(`${shown.name} in ${language}: ${overflow}`);
    },
  );
}, 560_000);

afterAll(cleanup.run, 60_000);

async function inspect(page: Page, { as = 'stranger', act }: ShopPage): Promise<Seen> {
  const { origin, pathname } = new URL(page.url());
  const loaded = await loadedBy(page);
  return {
    pathname,
    as,
    bytes: act === undefined ? loaded.reduce((sum, { transferSize }) => sum + transferSize, 0) : undefined,
    foreign: loaded.map(({ name }) => name).filter((name) => !name.startsWith(origin)),
    links: await linksOf(page),
    animations: await page.evaluate<number>('document.getAnimations().length'),
    keyboard: await keyboardProblemsOf(page),
    violations: [...(await violationsOf(page, axe, 'light')), ...(await violationsOf(page, axe, 'dark'))],
  };
}

/** What is wrong with pages, with the name of the page. */
const problems = (of: (page: Seen) => readonly unknown[]): string[] =>
  [...seen].flatMap(([name, page]) => of(page).map((problem) => `${name}: ${String(problem)}`));

test('axe finds no violation on any page, in either colour scheme', () => {
  expect(seen.size).toBeGreaterThan(80);
  expect(problems(({ violations }) => violations)).toEqual([]);
});

test('no page is wider than a window of 320, 1280 or 2560 px, in either language', () => {
  expect(overflows).toEqual([]);
});

test('the Tab key reaches everything that can be used on any page, and the focus is visible there', () => {
  expect(problems(({ keyboard }) => keyboard)).toEqual([]);
});

test('every page weighs at most 50 kB and loads nothing from other hosts', () => {
  expect(problems(({ foreign }) => foreign)).toEqual([]);
  // A page without its style sheet would weigh less.
  expect(problems(({ bytes = pageBytesMin }) => (bytes < pageBytesMin ? [bytes] : []))).toEqual([]);
  expect(problems(({ bytes = 0 }) => (bytes > pageBytesMax ? [bytes] : []))).toEqual([]);
});

test('nothing is animated when the browser prefers reduced motion', () => {
  expect(problems(({ animations }) => (animations > 0 ? [animations] : []))).toEqual([]);
});

test('every link on every page leads to a page', async () => {
  const broken: string[] = [];
  const followed = new Set<string>();
  for (const [name, { as, links }] of seen)
    for (const link of links) {
      if (!link.startsWith(shop.system.storefront) || followed.has(`${as} ${link}`)) continue;
      followed.add(`${as} ${link}`);
      const context = await browser.newContext({ storageState: shop.visitors[as] });
      const response = await context.request.get(link);
      if (!response.ok()) broken.push(`${name}: ${link} is answered with ${response.status()}`);
      await context.close();
    }
  expect(followed.size).toBeGreaterThan(200);
  expect(broken).toEqual([]);
}, 180_000);

test('the list of pages has every route that answers with a page', async () => {
  await using issuer = await startFakeIssuer();
  const { app, streams } = createShopOf(issuer.issuer, { demoSignIn: true, operatorToken: 'any' });
  streams.close();
  const routes = routesOf(app)
    .filter(({ method, path }) => method === 'GET' && !path.startsWith('/api/'))
    .map(({ path }) => path);
  expect(routes.length).toBeGreaterThan(20);
  expect(notPages.filter((path) => !routes.includes(path))).toEqual([]);
  const pathnames = [...seen.values()].map(({ pathname }) => pathname);
  const missing = routes.filter(
    (route) => !notPages.includes(route) && !pathnames.some((pathname) => isOf(route, pathname)),
  );
  expect(missing).toEqual([]);
});

/** Whether a path is one of a route, and not of a route whose path is more specific. */
function isOf(route: string, pathname: string): boolean {
  return new RegExp(`^${route.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`).test(pathname);
}

test('a receipt prints without the parts that only matter on screen', async () => {
  const pages = shop.pages.filter(({ name }) => name === 'receipt-printed');
  expect(pages).toHaveLength(1);
  await visitPages(shop, browser, { pages }, async (page) => {
    for (const name of ['Sign out', 'Buy again', 'Print receipt'])
      expect(await page.getByRole('button', { name }).isVisible()).toBe(false);
    expect(await page.getByRole('table').isVisible()).toBe(true);
  });
}, 60_000);
