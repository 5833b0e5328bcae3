import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBrowser } from './browser.js';
import { prepareShop } from './shop-pages.js';
import { projectRoot } from './test-system.js';

/**
 * Takes the pictures that the documents show, which are small; with `--all`, every page whole, in both schemes and three
 * widths, for looking at.
 */
const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } });
const folder = join(projectRoot, values.all ? '.data/screenshots' : 'docs/screenshots');
const schemes = ['light', 'dark'] as const;
const widths = values.all ? [320, 390, 1280] : [390, 1280];

await mkdir(folder, { recursive: true });
await using shop = await prepareShop();
const browser = await openBrowser();
for (const colorScheme of schemes)
  for (const width of widths) {
    const context = await shop.openWindow(browser, { colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    for (const { name, path, act } of shop.pages) {
      await page.goto(path);
      await act?.(page);
      const file = join(folder, `${name}-${colorScheme}-${width}.png`);
      await page.screenshot({ path: file, fullPage: values.all, animations: 'disabled' });
    }
    await context.close();
  }
await browser.close();
process.stdout.write(`Screenshots are in ${folder}\n`);
