import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { createCleanup, projectRoot } from '@unity-purchase/tools';
import { openBrowser } from '../system/browser.js';
import { run } from '../system/run-command.js';
import { serveFolder } from '../system/static-server.js';

/** Long enough to build kubectl when it is not cached. */
const builtWithinMs = 15 * 60_000;

const base = '/unity-purchase-system/';
const built = join(projectRoot, 'tools/site/dist');

/** A text page with tables, an API page and a page with code. */
const typical = ['', 'docs/api/storefront.openapi.html', 'kubernetes/prod-kafka.html'];

async function npmRun(script: string) {
  await using command = run('npm', ['run', script]);
  return { code: await command.exited, output: command.output() };
}

const cleanup = createCleanup();
let browser: Browser;
let site: string;
let axe: string;

beforeAll(async () => {
  const { code, output } = await npmRun('build:site');
  expect([code, output]).toEqual([0, expect.stringContaining('The site is in')]);
  site = cleanup.add(await serveFolder(built, base)).url;
  browser = cleanup.add(await openBrowser());
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
}, builtWithinMs);

afterAll(cleanup.run, 60_000);

async function openPage(options: Parameters<Browser['newContext']>[0] = {}) {
  const context = await browser.newContext({ baseURL: site, ...options });
  return { page: await context.newPage(), [Symbol.asyncDispose]: () => context.close() };
}

test('npm run docs:api reproduces the committed documents', async () => {
  const folder = join(projectRoot, 'docs/api');
  const read = async () =>
    Promise.all(
      (await readdir(folder)).sort().map(async (file) => [file, await readFile(join(folder, file), 'utf8')]),
    );
  const before = await read();
  expect((await npmRun('docs:api')).code).toBe(0);
  expect(await read()).toEqual(before);
}, 60_000);

test('no page loads anything from another host or violates its own content security policy', async () => {
  await using opened = await openPage();
  const { page } = opened;
  const foreign: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(site)) foreign.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
  const pages = (await readdir(built, { recursive: true })).filter(
    (path) => path.endsWith('.html') && path !== '404.html',
  );
  expect(pages.length).toBeGreaterThan(40);
  for (const path of pages) {
    await page.goto(path, { waitUntil: 'load' });
    expect(await page.locator('meta[http-equiv="Content-Security-Policy"]').count()).toBe(1);
  }
  expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] });
}, 180_000);

test('the search finds a word on any page without requests to other hosts', async () => {
  await using opened = await openPage();
  const { page } = opened;
  await page.goto('');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('searchbox').fill('outbox');
  await page.getByRole('option', { name: 'No transactions and no outbox' }).first().click();
  await page.waitForURL('**/docs/decisions/no-outbox.html*');
  await page.getByRole('heading', { level: 1, name: 'No transactions and no outbox' }).waitFor();
}, 60_000);

/** Serious and critical violations of WCAG 2.2 AA that axe-core finds. */
async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate<string[]>(`axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    }).then(({ violations }) => violations
      .filter(({ impact }) => ['serious', 'critical'].includes(impact))
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`);
}

describe.each(['light', 'dark'] as const)('in the %s scheme', (colorScheme) => {
  test.each([320, 1280])(
    'axe finds nothing serious on typical pages that are %i px wide',
    async (width) => {
      const found: string[] = [];
      // Evaluating axe needs scripts that the page's own policy forbids.
      await using opened = await openPage({ colorScheme, bypassCSP: true, viewport: { width, height: 900 } });
      for (const path of typical) {
        await opened.page.goto(path, { waitUntil: 'load' });
        found.push(...(await seriousViolations(opened.page)).map((violation) => `${path}: ${violation}`));
      }
      expect(found).toEqual([]);
    },
    120_000,
  );
});
