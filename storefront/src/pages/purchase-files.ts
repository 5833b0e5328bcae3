import { decimalAmount, type RecordedPurchase } from '@unity-purchase/contracts';
import type { PageLocale } from '../middleware/page-locale.js';

/** A file format for purchases: its media type, and a writer that yields the text piece by piece. */
export type PurchaseFile = {
  mediaType: string;
  write: (purchases: AsyncIterable<RecordedPurchase>, locale: FileLocale) => AsyncGenerator<string, void>;
};

/** What a file takes from the language of its shopper. */
export type FileLocale = Pick<PageLocale, 'texts' | 'formats'>;

/** The file formats in which shoppers can download their purchases, by file extension. */
export const purchaseFiles: Readonly<Record<'csv' | 'json', PurchaseFile>> = {
  csv: { mediaType: 'text/csv; charset=utf-8', write: writeCsv },
  json: { mediaType: 'application/json; charset=utf-8', write: writeJson },
};

/** Without it, spreadsheets assume the character set of the machine. */
const byteOrderMark = '\ufeff';

/**
 * One row for each line of a purchase (RFC 4180), with headings in the shopper's language and amounts in major units. Where a comma
 * separates decimals, spreadsheets expect that in a file, too, and a semicolon between the cells. Times are in ISO 8601.
 */
async function* writeCsv(
  purchases: AsyncIterable<RecordedPurchase>,
  { texts, formats: { decimalSeparator } }: FileLocale,
): AsyncGenerator<string, void> {
  const delimiter = decimalSeparator === ',' ? ';' : ',';
  const rowOf = (cells: readonly string[]) =>
    `${cells.map((cell) => cellOf(cell, delimiter)).join(delimiter)}\r\n`;
  const { columns } = texts.history;
  yield (
    byteOrderMark +
    rowOf([
      columns.purchaseId,
      columns.placedAt,
      columns.recordedAt,
      columns.sku,
      columns.title,
      columns.quantity,
      columns.unitPrice,
      columns.price,
      columns.currency,
    ])
  );
  for await (const { purchase, recordedAt } of purchases) {
    const { purchaseId, placedAt, lines, total } = purchase;
    const price = (amount: number) =>
      decimalAmount({ amount, currency: total.currency }).replace('.', decimalSeparator);
    yield lines
      .map(({ sku, title, quantity, unitPrice }) =>
        rowOf([
          purchaseId,
          placedAt,
          recordedAt,
          sku,
          title,
          String(quantity),
          price(unitPrice),
          price(quantity * unitPrice),
          total.currency,
        ]),
      )
      .join('');
  }
}

/** One array of purchases in the format of the API. */
async function* writeJson(purchases: AsyncIterable<RecordedPurchase>): AsyncGenerator<string, void> {
  let before = '[\n';
  for await (const purchase of purchases) {
    yield before + JSON.stringify(purchase);
    before = ',\n';
  }
  yield before === ',\n' ? '\n]\n' : '[]\n';
}

/** Marks text that a spreadsheet would run as a formula (https://owasp.org/www-community/attacks/CSV_Injection). */
function cellOf(text: string, delimiter: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  const isQuoted = /["\r\n]/.test(harmless) || harmless.includes(delimiter);
  return isQuoted ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
