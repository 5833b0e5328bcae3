import { z } from 'zod';

/** An integer amount in a unit, for example cents in EUR. */
export type Amount = { amount: number; unit: string };

/**
 * How many entries a log has up to and including a segment, and the sum of their amounts for each unit. Sums are exact, however
 * large they are.
 */
export type RunningTotals = { count: number; sums: Readonly<Record<string, bigint>> };

/** A sum as JSON: a number as long as every reader gets it exactly, and decimal digits beyond that. */
export type SumAsJson = number | string;

/**
 * A stored sum. The first version stored numbers beyond 2^53 too, which are not exact. They are read as they are, so that their
 * logs stay usable.
 */
const storedSumSchema = z
  .union([z.number().min(0).refine(Number.isInteger), z.string().regex(/^[1-9]\d{15,}$/)])
  .transform(BigInt);

/** The schema of stored running totals whose sums are in units that `unitSchema` accepts. */
export const runningTotalsSchema = (unitSchema: z.ZodString) =>
  z.object({ count: z.int().min(0), sums: z.record(unitSchema, storedSumSchema) });

/** The running totals of an empty log. */
export const noTotals: RunningTotals = { count: 0, sums: {} };

/** Writes sums as JSON: as numbers up to 2^53 - 1, and as decimal digits beyond that. */
export function sumsAsJson(sums: RunningTotals['sums']): Record<string, SumAsJson> {
  return Object.fromEntries(
    Object.entries(sums).map(([unit, sum]) => [
      unit,
      sum <= Number.MAX_SAFE_INTEGER ? Number(sum) : String(sum),
    ]),
  );
}

/** Adds one entry, with its amount if it has one. */
export function addToTotals(totals: RunningTotals, added: Amount | undefined): RunningTotals {
  const count = totals.count + 1;
  if (added === undefined) return { ...totals, count };
  const { amount, unit } = added;
  return { count, sums: { ...totals.sums, [unit]: (totals.sums[unit] ?? 0n) + BigInt(amount) } };
}

/** Adds the running totals of two logs. */
export function mergeTotals(one: RunningTotals, other: RunningTotals): RunningTotals {
  const sums = { ...one.sums };
  for (const [unit, sum] of Object.entries(other.sums)) sums[unit] = (sums[unit] ?? 0n) + sum;
  return { count: one.count + other.count, sums };
}

/** The difference between two running totals of one log. An erasure in between can make it negative: then it is zero. */
export function totalsSince(earlier: RunningTotals, later: RunningTotals): RunningTotals {
  const sums = Object.entries(later.sums).flatMap(([unit, sum]) => {
    const growth = sum - (earlier.sums[unit] ?? 0n);
    return growth > 0n ? [[unit, growth] as const] : [];
  });
  return { count: Math.max(0, later.count - earlier.count), sums: Object.fromEntries(sums) };
}

/** Whether two running totals are the same. */
export function areEqualTotals(one: RunningTotals, other: RunningTotals): boolean {
  const units = new Set([...Object.keys(one.sums), ...Object.keys(other.sums)]);
  return (
    one.count === other.count &&
    [...units].every((unit) => (one.sums[unit] ?? 0n) === (other.sums[unit] ?? 0n))
  );
}
