import { z } from 'zod';

/** An integer amount in a unit, for example cents in EUR. */
export type Amount = { amount: number; unit: string };

/**
 * How many entries a log has up to and including a segment, and the sum of their amounts for each unit. Sums are exact, however
 * large they are.
 *
 * If the log counts kinds of entries, `kinds` has how many of each kind were counted. An older version writes segments without
 * `kinds`, and after these the counts begin again. So they may be too small, never too large: see `countOfKind`.
 */
export type RunningTotals = {
  count: number;
  sums: Readonly<Record<string, bigint>>;
  kinds?: Readonly<Record<string, number>> | undefined;
};

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
  z.object({
    count: z.int().min(0),
    sums: z.record(unitSchema, storedSumSchema),
    kinds: z.record(z.string(), z.int().min(0)).optional(),
  });

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

/** Adds one entry, with its amount and its kind if it has them. */
export function addToTotals(totals: RunningTotals, added: Amount | undefined, kind?: string): RunningTotals {
  const { sums, kinds } = totals;
  return {
    count: totals.count + 1,
    sums:
      added === undefined ? sums : { ...sums, [added.unit]: (sums[added.unit] ?? 0n) + BigInt(added.amount) },
    ...(kind === undefined ? {} : { kinds: { ...kinds, [kind]: (kinds?.[kind] ?? 0) + 1 } }),
  };
}

/**
 * How many entries up to and including a segment may be of a kind: all but those that were counted as another kind. It never
 * decreases from one segment to the next, and grows with each segment that has an entry of the kind.
 */
export function countOfKind({ count, kinds = {} }: RunningTotals, kind: string): number {
  return Object.entries(kinds).reduce(
    (left, [other, counted]) => (other === kind ? left : left - counted),
    count,
  );
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
