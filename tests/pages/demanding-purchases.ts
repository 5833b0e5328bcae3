import { readFileSync } from 'node:fs';
import {
  linesMax,
  quantityMax,
  sumOfLines,
  type Purchase,
  type PurchaseLine,
  type Shopper,
} from '@unity-purchase/contracts';
import { v7 } from 'uuid';
import { z } from 'zod';

/** The currencies of the catalogue, most frequent first. */
const currencies = ['EUR', 'USD', 'EUR', 'JPY', 'EUR', 'USD'] as const;

type Currency = (typeof currencies)[number];

const perCurrency = z.object({ EUR: z.int(), USD: z.int(), JPY: z.int() });

const { products } = z
  .object({
    products: z.array(
      z.object({ sku: z.string(), title: z.object({ en: z.string() }), prices: perCurrency }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../../storefront/catalogue.json', import.meta.url), 'utf8')));

/** Every SKU with a fixed price. */
export const soldSkus = products.map(({ sku }) => sku);

/** Amounts for the item that takes any, with the smallest and the largest that the shop allows. */
const amounts = {
  EUR: [1_999, 100, 2_500, 123_456],
  USD: [100, 2_500, 1_000_000, 987_654],
  JPY: [100, 77_777, 3_000, 1_500_000],
} as const;

/** Titles of items that the shop does not sell any more. What was bought keeps the title it had. */
const formerTitles = [
  'Rinderkennzeichnungs- und Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetzbuch, 2. Auflage, im Schuber',
  'إبريق شاي من الحجر الرملي',
  '<b>Cast-iron</b> “pan” & lid <script>alert(1)</script>',
  '手仕事の急須 🍵 (sold out)',
];

export const dayMs = 24 * 60 * 60_000;

/** How many purchases the shopper with a long history has, and how long ago the first of them was. */
export const longHistory = { purchases: 66, days: 760 } as const;

/**
 * Purchases of more than two years in three currencies, oldest first: long lists of items, very small and very large sums, months
 * with many purchases and months without any. They are the same in each run, except that they are relative to `nowMs`.
 */
export function purchasesOfYears(shopper: Shopper, nowMs: number): Purchase[] {
  const { purchases, days } = longHistory;
  return Array.from({ length: purchases }, (_, index) => {
    // More and more often, and not in each month.
    const remaining = (purchases - index) / purchases;
    const agoDays = days * remaining ** 2 + (index % 3 === 0 ? 0 : 0.4);
    const currency = currencies[index % currencies.length] ?? 'EUR';
    return purchaseAt(shopper, Math.round(nowMs - agoDays * dayMs), linesOf(index, currency), currency);
  });
}

/** A purchase with these lines. */
export function purchaseAt(
  shopper: Shopper,
  placedMs: number,
  lines: PurchaseLine[],
  currency: Currency = 'EUR',
): Purchase {
  return {
    purchaseId: v7({ msecs: placedMs }),
    shopper,
    lines,
    total: { amount: sumOfLines(lines), currency },
    placedAt: new Date(placedMs).toISOString(),
  };
}

/** Twelve lines of 99 pieces each: as much as a person might buy at once. */
export function everything(currency: Currency = 'EUR'): PurchaseLine[] {
  return products.map((_, index) => lineOf(index, 99, currency));
}

/** A line with a product of the catalogue. */
export function lineOf(product: number, quantity: number, currency: Currency = 'EUR'): PurchaseLine {
  const { sku, title, prices } = products[product % products.length] ?? { sku: '', title: { en: '' } };
  return { sku, title: title.en, quantity, unitPrice: prices?.[currency] ?? 0 };
}

/** As much as one order can cost: twenty lines of the largest amount, a hundred times each. */
export function asMuchAsPossible(): PurchaseLine[] {
  return Array.from({ length: linesMax }, (_, line) => ({
    sku: 'any-amount',
    title: 'Any amount',
    quantity: quantityMax,
    unitPrice: 1_000_000 - line,
  }));
}

function linesOf(index: number, currency: Currency): PurchaseLine[] {
  if (index % 9 === 4) return everything(currency);
  if (index % 10 === 3) return [anyAmount(currency, index, currency === 'JPY' ? 99 : 1)];
  const count = 1 + ((index * 7) % 4);
  const lines = Array.from({ length: count }, (_, line) =>
    lineOf(index + line * 5, 1 + ((index * 3 + line) % 6), currency),
  );
  const title = formerTitles[(index / 8) % formerTitles.length];
  if (index % 8 !== 0 || title === undefined) return lines;
  return [...lines, { sku: 'former-item', title, quantity: 2, unitPrice: amounts[currency][2] }];
}

function anyAmount(currency: Currency, index: number, quantity: number): PurchaseLine {
  const unitPrice = amounts[currency][Math.floor(index / 8) % 4] ?? 0;
  return { sku: 'any-amount', title: 'Any amount', quantity, unitPrice };
}
