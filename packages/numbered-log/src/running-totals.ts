import { z } from 'zod';

/** An integer amount in a unit, for example cents in EUR. */
export type Amount = { amount: number; unit: string };

/** The schema of running totals whose sums are in units that `unitSchema` accepts. */
export const runningTotalsSchema = (unitSchema: z.ZodString) =>
  z.object({ count: z.int().min(0), sums: z.record(unitSchema, z.int().min(0)) });

/** How many entries a log has up to and including a segment, and the sum of their amounts for each unit. */
export type RunningTotals = z.infer<ReturnType<typeof runningTotalsSchema>>;

/** The running totals of an empty log. */
export const noTotals: RunningTotals = { count: 0, sums: {} };

/** Adds one entry, with its amount if it has one. */
export function addToTotals(totals: RunningTotals, added: Amount | undefined): RunningTotals {
  const count = totals.count + 1;
  if (added === undefined) return { ...totals, count };
  const { amount, unit } = added;
  return { count, sums: { ...totals.sums, [unit]: (totals.sums[unit] ?? 0) + amount } };
}

/** Adds the running totals of two logs. */
export function mergeTotals(one: RunningTotals, other: RunningTotals): RunningTotals {
  const sums = { ...one.sums };
  for (const [unit, sum] of Object.entries(other.sums)) sums[unit] = (sums[unit] ?? 0) + sum;
  return { count: one.count + other.count, sums };
}

/** The difference between two running totals of one log. An erasure in between can make it negative: then it is zero. */
export function totalsSince(earlier: RunningTotals, later: RunningTotals): RunningTotals {
  const sums = Object.entries(later.sums).flatMap(([unit, sum]) => {
    const growth = sum - (earlier.sums[unit] ?? 0);
    return growth > 0 ? [[unit, growth] as const] : [];
  });
  return { count: Math.max(0, later.count - earlier.count), sums: Object.fromEntries(sums) };
}
