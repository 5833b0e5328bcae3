import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { fileOf, pictures, type Picture } from './pictures.js';

/** The size of a sheet in pixels: what can be looked at without being reduced. */
const sheet = { width: 1_980, height: 1_980, padding: 10 } as const;

/** How wide a picture is drawn, by the width of its page: as small as can be read, or judged. */
const columnWidths: Readonly<Record<number, number>> = { 360: 236, 768: 384, 1440: 482 };

const labelHeight = 22;

/** A picture in a column, or the beginning of one that is higher than a column. */
type Part = { page: string; file: string; height: number; hidden: number };

type Column = { parts: Part[]; left: number };

/**
 * Draws pictures that are in a folder onto sheets with many pages each, for everyone who reviews them: one series of sheets for each
 * width, colour scheme and language, as PNG and as HTML. Returns the number of sheets.
 */
export async function drawContactSheets(
  browser: Browser,
  folder: string,
  pageNames: readonly string[],
): Promise<number> {
  const context = await browser.newContext({ viewport: sheet });
  const window = await context.newPage();
  let count = 0;
  for (const picture of pictures) {
    const columnWidth = columnWidths[picture.width] ?? picture.width;
    const sheets = await arrange(folder, pageNames, picture, columnWidth);
    for (const [index, columns] of sheets.entries()) {
      const name = `sheet-${fileOf('', picture).replace(/^-|\.png$/g, '')}-${String(index + 1).padStart(2, '0')}`;
      const file = join(folder, `${name}.html`);
      await writeFile(file, html(columns, columnWidth));
      await window.goto(pathToFileURL(file).href);
      await window.screenshot({ path: join(folder, `${name}.png`) });
      count += 1;
    }
  }
  await context.close();
  return count;
}

/** Fills sheet after sheet. A picture goes to the first column of the sheet that has room for it. */
async function arrange(
  folder: string,
  pageNames: readonly string[],
  picture: Picture,
  columnWidth: number,
): Promise<Column[][]> {
  const columnHeight = sheet.height - 2 * sheet.padding;
  const columnCount = Math.floor((sheet.width - sheet.padding) / (columnWidth + sheet.padding));
  const emptySheet = (): Column[] =>
    Array.from({ length: columnCount }, () => ({ parts: [], left: columnHeight }));
  const sheets = [emptySheet()];
  for (const page of pageNames) {
    const file = fileOf(page, picture);
    const size = await sizeOf(join(folder, file));
    const total = Math.round((size.height * columnWidth) / size.width);
    const height = Math.min(total, columnHeight - labelHeight);
    const hasRoom = ({ left }: Column) => left >= height + labelHeight;
    let column = sheets.at(-1)?.find(hasRoom);
    if (column === undefined) {
      sheets.push(emptySheet());
      column = sheets.at(-1)?.find(hasRoom);
    }
    if (column === undefined) throw new Error(`${file} does not fit into an empty column`);
    const hidden = Math.round(((total - height) * size.width) / columnWidth);
    column.parts.push({ page, file, height, hidden });
    column.left -= height + labelHeight;
  }
  return sheets;
}

function html(columns: readonly Column[], columnWidth: number): string {
  const rules = [
    `body { margin: 0; padding: ${sheet.padding}px; display: flex; gap: ${sheet.padding}px; background: #888; font: 14px sans-serif }`,
    `section { width: ${columnWidth}px }`,
    `h2 { height: ${labelHeight}px; line-height: ${labelHeight}px; margin: 0; font-size: 13px; color: #fff; background: #000; white-space: nowrap; overflow: hidden }`,
    `a { display: block; background-size: ${columnWidth}px auto; background-repeat: no-repeat }`,
  ];
  const parts = columns.map(({ parts: inColumn }) => {
    const drawn = inColumn.map(
      ({ page, file, height, hidden }) =>
        `<h2>${page}${hidden > 0 ? ` (${hidden} px more)` : ''}</h2><a href="${file}" style="height: ${height}px; background-image: url('${file}')"></a>`,
    );
    return `<section>${drawn.join('\n')}</section>`;
  });
  return `<!doctype html>\n<meta charset="utf-8">\n<title>Contact sheet</title>\n<style>\n${rules.join('\n')}\n</style>\n${parts.join('\n')}\n`;
}

/** The size of a PNG, which begins with it (PNG specification, section 11.2.2). */
async function sizeOf(path: string): Promise<{ width: number; height: number }> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(24), 0, 24, 0);
    return { width: buffer.readUInt32BE(16), height: buffer.readUInt32BE(20) };
  } finally {
    await file.close();
  }
}
