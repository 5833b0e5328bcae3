import { describe, expect, test } from '@jest/globals';
import type { PurchaseLine, Spending, Totals } from '@unity-purchase/contracts';
import fc from 'fast-check';
import { formatsOf } from '../texts/formats.js';
import { languages } from '../texts/languages.js';
import { lastMonthShown, nameOfPeriod, totalsOfPeriod, viewItems, viewSpending } from './history-view.js';
import { sumTotals } from './sum-totals.js';

const english = { language: 'en', texts: languages.en.texts, formats: formatsOf('en') } as const;
const german = { language: 'de', texts: languages.de.texts, formats: formatsOf('de') } as const;

const linesOf = (...titles: string[]): PurchaseLine[] =>
  titles.map((title) => ({ sku: 'mug', title, quantity: title === 'Mug' ? 2 : 1, unitPrice: 100 }));

describe('the items of a purchase in the list', () => {
  test.each([
    [['Mug'], '2 × Mug', '2 × Mug'],
    [['Mug', 'Teapot'], '2 × Mug and Teapot', '2 × Mug and Teapot'],
    [['Mug', 'Teapot', 'Honey'], '2 × Mug and 2 more', '2 × Mug, Teapot, and Honey'],
  ])('%j are short as %j', (titles, short, all) => {
    expect(viewItems(linesOf(...titles), english)).toMatchObject({ short, all, isShort: short !== all });
  });

  test.each([
    [
      'Wool blanket, woven from the fleece of rare northern sheep',
      'Wool blanket, woven from the fleece of rare…',
    ],
    [
      'Donaudampfschifffahrtsgesellschaftskapitänsmützenfarbe',
      'Donaudampfschifffahrtsgesellschaftskapitänsmütze…',
    ],
    ['🫖'.repeat(49), `${'🫖'.repeat(48)}…`],
    ['x'.repeat(48), 'x'.repeat(48)],
  ])('leave out what is too long of a title: %s', (title, short) => {
    const shown = viewItems(linesOf(title), english);
    expect(shown).toMatchObject({ short, all: title, isShort: short !== title });
    expect(shown.lines.map((line) => line.title)).toEqual([short]);
  });

  test('are short in German', () => {
    expect(viewItems(linesOf('Becher', 'Tee', 'Honig'), german).short).toBe('Becher und 2 weitere');
  });
});

describe('the months that a page shows', () => {
  const now = new Date('2026-11-29T10:00:00Z');
  test.each([
    [{}, undefined],
    [{ year: '2026' }, undefined],
    [{ month: '2026-03' }, undefined],
    [{ month: '2025-12' }, undefined],
    [{ month: '2025-11' }, '2025-12'],
    [{ year: '2025' }, '2025-12'],
    [{ month: '2019-01' }, '2019-12'],
    [{ month: '2027-01' }, undefined],
    [{ year: '9999' }, undefined],
  ])('of %j are those up to %s', (period, until) => {
    expect(lastMonthShown(period, now)).toBe(until);
  });

  test('always include the chosen one, unless it is in the future', () => {
    const months = fc.record({
      year: fc.integer({ min: 2001, max: 2026 }),
      month: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(months, months, (chosen, current) => {
        const index = ({ year, month }: typeof chosen) => 12 * year + month - 1;
        if (index(chosen) > index(current)) return;
        const month = `${chosen.year}-${String(chosen.month).padStart(2, '0')}`;
        const until = lastMonthShown({ month }, new Date(Date.UTC(current.year, current.month - 1, 31)));
        // The 31st can be in the next month.
        const today = new Date(Date.UTC(current.year, current.month - 1, 31));
        const last = until ?? today.toISOString().slice(0, 7);
        const [year = 0, number = 0] = last.split('-').map(Number);
        const distance = index({ year, month: number }) - index(chosen);
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThan(12);
      }),
    );
  });
});

test('a period has a name within a sentence', () => {
  expect(nameOfPeriod({ month: '2026-11' }, english)).toBe('in November 2026');
  expect(nameOfPeriod({ month: '2026-11' }, german)).toBe('im November 2026');
  expect(nameOfPeriod({ year: '2026' }, german)).toBe('im Jahr 2026');
  expect(nameOfPeriod({}, english)).toBeUndefined();
});

const totalsOf = (count: number, sums: Totals['sums']): Totals => ({ count, sums });
const months: Spending['months'] = [
  { month: '2025-12', totals: totalsOf(1, { EUR: 100 }) },
  { month: '2026-01', totals: totalsOf(2, { EUR: 300, JPY: 5_000 }) },
  { month: '2026-02', totals: totalsOf(0, {}) },
  { month: '2026-03', totals: totalsOf(1, { USD: '9007199254740993' }) },
];

describe('the totals of a page', () => {
  const all = { purchases: [], totals: totalsOf(9, { EUR: 900 }) };

  test('are those of the whole history without a period', () => {
    expect(totalsOfPeriod({}, all, undefined)).toBe(all.totals);
  });

  test('are those of the month or the sum of the months of the year', () => {
    expect(totalsOfPeriod({ month: '2026-01' }, all, { months })).toEqual(
      totalsOf(2, { EUR: 300, JPY: 5_000 }),
    );
    expect(totalsOfPeriod({ year: '2026' }, all, { months })).toEqual(
      totalsOf(3, { EUR: 300, JPY: 5_000, USD: '9007199254740993' }),
    );
    expect(totalsOfPeriod({ month: '2026-02' }, all, { months })).toEqual(totalsOf(0, {}));
  });

  test('are not known if the months are not', () => {
    expect(totalsOfPeriod({ year: '2026' }, all, undefined)).toBeUndefined();
  });

  test('are sums without any error, however large they are', () => {
    const total = fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 2n ** 53n, max: 10n ** 25n }).map(String));
    fc.assert(
      fc.property(fc.array(total), (sums) => {
        const { sums: found } = sumTotals(sums.map((EUR) => totalsOf(1, { EUR })));
        const sum = sums.reduce<bigint>((one, other) => one + BigInt(other), 0n);
        expect(BigInt(found['EUR'] ?? 0)).toBe(sum);
        expect(typeof (found['EUR'] ?? 0)).toBe(sum < 2n ** 53n ? 'number' : 'string');
      }),
    );
  });
});

describe('the spending of a shopper', () => {
  const years = [
    { year: '2025', totals: totalsOf(1, { EUR: 100 }) },
    { year: '2026', totals: totalsOf(3, { EUR: 300, JPY: 5_000 }) },
  ];
  const view = (chosen: string | undefined, preferred = 'EUR') =>
    viewSpending({ months, years }, { chosen, preferred }, english);

  test('has one chart, in the chosen currency, else in the preferred one, else in the first', () => {
    expect(view('JPY').chart?.currency).toBe('JPY');
    expect(view(undefined, 'USD').chart?.currency).toBe('USD');
    expect(view('CHF', 'CHF').chart?.currency).toBe('EUR');
    expect(view('CHF').currencies).toEqual(['EUR', 'JPY', 'USD']);
  });

  test('has a row for each month and each year, the newest year first, with a sum for each currency', () => {
    expect(view(undefined).months.map(({ name, count, spent }) => [name, count, ...spent])).toEqual([
      ['December 2025', '1', '€1.00'],
      ['January 2026', '2', '€3.00', '¥5,000'],
      ['February 2026', '0'],
      ['March 2026', '1', '$90,071,992,547,409.93'],
    ]);
    expect(view(undefined).years.map(({ name, count, spent }) => [name, count, ...spent])).toEqual([
      ['2026', '3', '€3.00', '¥5,000'],
      ['2025', '1', '€1.00'],
    ]);
  });

  test('has no years if an older purchase-service does not answer with them', () => {
    expect(viewSpending({ months }, { chosen: undefined, preferred: 'EUR' }, english).years).toEqual([]);
  });

  test('has no chart if nothing was spent', () => {
    const none = { months: [{ month: '2026-01', totals: totalsOf(0, {}) }], years: [] };
    expect(viewSpending(none, { chosen: undefined, preferred: 'EUR' }, english).chart).toBeUndefined();
  });
});
