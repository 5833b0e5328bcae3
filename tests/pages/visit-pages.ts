import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { PreparedShop } from './prepare-shop.js';
import type { ShopPage } from './shop-page.js';
import { situations, type SituationName } from './situations.js';

/** How pages are visited: in which languages, in how many windows at once, and with which other options of the browser. */
export type Visits = BrowserContextOptions & { languages?: readonly string[]; pages?: readonly ShopPage[] };

/**
 * Opens every page once in each language, in a window of its own with the cookies of its visitor, and lets `look` inspect it. Pages that
 * need a situation come after all others, so that the shop enters each situation once.
 *
 * @throws Error if a page is answered with another status than the list of pages says
 */
export async function visitPages(
  shop: PreparedShop,
  browser: Browser,
  { languages = ['en-GB'], pages = shop.pages, ...options }: Visits,
  look: (page: Page, shown: ShopPage, language: string) => Promise<void>,
): Promise<void> {
  for (const name of Object.keys(situations) as SituationName[]) {
    const those = pages.filter(({ during = 'normal' }) => during === name);
    if (those.length === 0) continue;
    const end = await situations[name](shop.system);
    try {
      for (const shown of those)
        for (const locale of languages)
          await visit(shop, browser, { ...options, locale }, shown, (page) => look(page, shown, locale));
    } finally {
      await end();
    }
  }
}

async function visit(
  { system, visitors }: PreparedShop,
  browser: Browser,
  options: BrowserContextOptions,
  { name, path, as = 'stranger', act, media, status = 200 }: ShopPage,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    baseURL: system.storefront,
    storageState: visitors[as],
    ...options,
  });
  try {
    const page = await context.newPage();
    let answered = 0;
    page.on('response', (response) => {
      if (response.request().isNavigationRequest() && response.frame() === page.mainFrame())
        answered = response.status();
    });
    await page.goto(path);
    await act?.(page);
    if (answered !== status)
      throw new Error(`${name} is answered with ${answered}, not ${status}, at ${page.url()}`);
    if (media !== undefined) await page.emulateMedia({ media });
    await look(page);
  } catch (cause) {
    throw new Error(`the page ${name} could not be visited`, { cause });
  } finally {
    await context.close();
  }
}

/** Resolves when all pictures of a page are loaded, including those below the fold. */
export async function loadPictures(page: Page): Promise<void> {
  await page.evaluate(`Promise.all([...document.images].map((image) => {
    image.loading = 'eager';
    return image.decode();
  }))`);
}
