import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { obtainRequirements, projectRoot, readArguments } from '@unity-purchase/tools';
import { openBrowser } from '../system/browser.js';
import { loadPictures, prepareShop } from '../system/shop-pages.js';

/**
 * Takes the screenshots for the documentation: the visible part of every page, in both colour schemes and two widths. With
 * `--all` it takes full pages, also at the narrowest width.
 */
const { all = false } = readArguments('screenshots', process.argv.slice(2)).values;
const folder = join(projectRoot, all ? '.data/screenshots' : 'docs/screenshots');
const schemes = ['light', 'dark'] as const;
const shownWidths = [390, 1280] as const;
const widths = all ? [320, ...shownWidths] : shownWidths;

const fileOf = (page: string, scheme: string, width: number) => `${page}-${scheme}-${width}.png`;

/** The page that shows all screenshots. */
function gallery(pages: readonly { name: string }[]): string {
  const parts = pages.map(({ name }) => {
    const pictures = shownWidths.flatMap((width) =>
      schemes.map((scheme) => `![${name}, ${scheme}, ${width} pixels wide](${fileOf(name, scheme, width)})`),
    );
    return `## ${name}\n\n${pictures.join('\n')}\n`;
  });
  return `# The pages of the shop\n\nMade by \`npm run screenshots\`.\n\n${parts.join('\n')}`;
}

await obtainRequirements('screenshots');
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
      await loadPictures(page);
      await page.screenshot({
        path: join(folder, fileOf(name, colorScheme, width)),
        fullPage: all,
        animations: 'disabled',
      });
    }
    await context.close();
  }
await browser.close();
if (!all) await writeFile(join(folder, 'README.md'), gallery(shop.pages));
process.stdout.write(`Screenshots are in ${folder}\n`);
