import type { Money, Totals } from '@unity-purchase/contracts';

/** The totals of an empty log. */
export const noTotals: Totals = { count: 0, sums: {} };

/** Totals with one more entry in them, and its amount, if it has one. */
export function addToTotals(totals: Totals, added: Money | undefined): Totals {
  const count = totals.count + 1;
  if (added === undefined) return { ...totals, count };
  const { amount, currency } = added;
  return {
    count,
    sums: { ...totals.sums, [currency]: (totals.sums[currency] ?? 0) + amount },
  };
}

/** The totals of two logs together. */
export function mergeTotals(one: Totals, other: Totals): Totals {
  const sums = { ...one.sums };
  for (const [currency, sum] of Object.entries(other.sums)) sums[currency] = (sums[currency] ?? 0) + sum;
  return { count: one.count + other.count, sums };
}

/** What totals grew by since they were others. Where they shrank, something was erased: that is nothing, and not less. */
export function totalsSince(earlier: Totals, later: Totals): Totals {
  const sums = Object.entries(later.sums).flatMap(([currency, sum]) => {
    const grown = sum - (earlier.sums[currency] ?? 0);
    return grown > 0 ? [[currency, grown] as const] : [];
  });
  return { count: Math.max(0, later.count - earlier.count), sums: Object.fromEntries(sums) };
}
