import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { obtainRequirements, projectRoot, readArguments, UsageError } from '@unity-purchase/tools';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../system/browser.js';
import { drawContactSheets } from './contact-sheets.js';
import { gallery, picturesInDocs } from './pictures-in-docs.js';
import { prepareShop, type PreparedShop } from './prepare-shop.js';
import { fileOf, pictures, type Picture } from './pictures.js';
import { loadPictures, visitPages } from './visit-pages.js';

/**
 * Takes pictures of every page, in three widths and both colour schemes, and writes them to `.data/screenshots` with contact sheets of
 * many pages each. German pages are taken in two of these. With names, only pages whose names begin with them are taken. With
 * `--docs`, it takes only the pictures that a page of the documentation shows, and writes that page.
 */
async function main(): Promise<void> {
  const { values, positionals } = readArguments('screenshots', process.argv.slice(2));
  const isForDocs = values.docs === true;
  if (isForDocs && positionals.length > 0) throw new UsageError('--docs takes its own pages');
  await obtainRequirements('screenshots');
  await using browser = await openBrowser();
  await using shop = await prepareShop(browser);
  if (isForDocs) await takeForDocs(shop, browser);
  else await takeAll(shop, browser, positionals);
}

async function takeAll(shop: PreparedShop, browser: Browser, prefixes: readonly string[]): Promise<void> {
  const folder = join(projectRoot, '.data/screenshots');
  const pages = shop.pages.filter(
    ({ name }) => prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix)),
  );
  if (pages.length === 0) throw new UsageError(`no page begins with ${prefixes.join(' or ')}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const languages = [...new Set(pictures.map(({ language }) => language))];
  await visitPages(shop, browser, { pages, languages }, async (page, { name }, language) => {
    for (const picture of pictures.filter((each) => each.language === language))
      await take(page, picture, { path: join(folder, fileOf(name, picture)), fullPage: true });
  });
  const sheets = await drawContactSheets(
    browser,
    folder,
    pages.map(({ name }) => name),
  );
  process.stdout.write(`${pages.length} pages and ${sheets} contact sheets are in ${folder}\n`);
}

async function takeForDocs(shop: PreparedShop, browser: Browser): Promise<void> {
  const folder = join(projectRoot, 'docs/screenshots');
  const pages = shop.pages.filter(({ name }) => picturesInDocs.some(({ page }) => page === name));
  const unknown = picturesInDocs.find(({ page }) => !pages.some(({ name }) => name === page));
  if (unknown !== undefined) throw new Error(`there is no page ${unknown.page}`);
  for (const file of await readdir(folder)) if (file.endsWith('.png')) await rm(join(folder, file));
  await visitPages(shop, browser, { pages }, async (page, { name }) => {
    for (const { page: wanted, picture } of picturesInDocs)
      if (wanted === name)
        await take(page, picture, { path: join(folder, fileOf(name, picture)), fullPage: false });
  });
  await writeFile(join(folder, 'README.md'), gallery());
  process.stdout.write(`${picturesInDocs.length} pictures are in ${folder}\n`);
}

async function take(
  page: Page,
  { width, height, colorScheme }: Picture,
  options: { path: string; fullPage: boolean },
): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await loadPictures(page);
  await page.screenshot({ ...options, animations: 'disabled' });
}

await main();
