import { decimalAmount, type RecordedPurchase } from '@unity-purchase/contracts';

/** A file format for purchases: its media type, and a writer that yields the text piece by piece. */
export type PurchaseFile = {
  mediaType: string;
  write: (purchases: AsyncIterable<RecordedPurchase>) => AsyncGenerator<string, void>;
};

/** The file formats in which shoppers can download their purchases, by file extension. */
export const purchaseFiles: Readonly<Record<'csv' | 'json', PurchaseFile>> = {
  csv: { mediaType: 'text/csv; charset=utf-8', write: writeCsv },
  json: { mediaType: 'application/json; charset=utf-8', write: writeJson },
};

/** Without it, spreadsheets assume the character set of the machine. */
const byteOrderMark = '\ufeff';

const columns = [
  'purchase id',
  'placed at',
  'recorded at',
  'product code',
  'product',
  'quantity',
  'price each',
  'price',
  'currency',
];

/** One row for each line of a purchase (RFC 4180), with decimal amounts in major units. */
async function* writeCsv(purchases: AsyncIterable<RecordedPurchase>): AsyncGenerator<string, void> {
  yield byteOrderMark + rowOf(columns);
  for await (const { purchase, recordedAt } of purchases) {
    const { purchaseId, placedAt, lines, total } = purchase;
    const price = (amount: number) => decimalAmount({ amount, currency: total.currency });
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

function rowOf(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** Marks text that a spreadsheet would run as a formula (https://owasp.org/www-community/attacks/CSV_Injection). */
function cellOf(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
