import type { Currency, Total, Totals } from '@unity-purchase/contracts';

/** The exact sum of several totals. Currencies in which nothing was spent are left out. */
export function sumTotals(all: readonly Totals[]): Totals {
  const sums = new Map<Currency, bigint>();
  for (const totals of all)
    for (const [currency, sum] of Object.entries(totals.sums))
      sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(sum));
  return {
    count: all.reduce((count, totals) => count + totals.count, 0),
    sums: Object.fromEntries(
      [...sums].filter(([, sum]) => sum > 0n).map(([code, sum]) => [code, totalOf(sum)]),
    ),
  };
}

/** A sum as in the APIs: a number as long as it is exact, and decimal digits beyond that. */
function totalOf(sum: bigint): Total {
  return sum <= Number.MAX_SAFE_INTEGER ? Number(sum) : String(sum);
}
