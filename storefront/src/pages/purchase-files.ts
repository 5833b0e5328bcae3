import { decimalAmount, type RecordedPurchase } from '@unity-purchase/contracts';

/** A file of purchases: what it is, and its text, piece by piece. */
export type PurchaseFile = {
  mediaType: string;
  write: (purchases: AsyncIterable<RecordedPurchase>) => AsyncGenerator<string, void>;
};

/** The files that a shopper can have of the purchases, by the ending of their names. */
export const purchaseFiles: Readonly<Record<'csv' | 'json', PurchaseFile>> = {
  csv: { mediaType: 'text/csv; charset=utf-8', write: writeCsv },
  json: { mediaType: 'application/json; charset=utf-8', write: writeJson },
};

/** Spreadsheets take a file for the character set of the machine unless it begins with this. */
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

/** A row for each line of a purchase, as RFC 4180 has it, with amounts in whole units. */
async function* writeCsv(purchases: AsyncIterable<RecordedPurchase>): AsyncGenerator<string, void> {
  yield byteOrderMark + rowOf(columns);
  for await (const { purchase, recordedAt } of purchases) {
    const { purchaseId, placedAt, lines, total } = purchase;
    const price = (amount: number) => decimalAmount({ amount, currency: total.currency });
    yield lines
      .map(({ sku, title, quantity, unitPrice }) =>
        rowOf([
          ...[purchaseId, placedAt, recordedAt, sku, title, String(quantity)],
          ...[price(unitPrice), price(quantity * unitPrice), total.currency],
        ]),
      )
      .join('');
  }
}

/** One list of purchases as the API tells them. */
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

/** A text that a spreadsheet would take for a formula is marked as a text (https://owasp.org/www-community/attacks/CSV_Injection). */
function cellOf(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
