import type { Money, Totals } from '@unity-purchase/contracts';

/** The totals of an empty log. */
export const noTotals: Totals = { count: 0, sums: {} };

/** Totals with one more amount in them. */
export function addToTotals(totals: Totals, { amount, currency }: Money): Totals {
  return {
    count: totals.count + 1,
    sums: { ...totals.sums, [currency]: (totals.sums[currency] ?? 0) + amount },
  };
}

/** The totals of two logs together. */
export function mergeTotals(one: Totals, other: Totals): Totals {
  const sums = { ...one.sums };
  for (const [currency, sum] of Object.entries(other.sums)) sums[currency] = (sums[currency] ?? 0) + sum;
  return { count: one.count + other.count, sums };
}
