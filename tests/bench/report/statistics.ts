/** The value in the middle of them; between the two in the middle where there is none. Throws for none. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The value below which so many percent of them lie, between two of them where it falls there. Throws for none. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new RangeError('there is no percentile of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const place = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** A figure that was taken several times. */
export type Figure = { median: number; min: number; max: number };

/** The median of rounds, and between what they lie. */
export function figureOf(values: readonly number[]): Figure {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * How much of the one the other is: the ratio of the medians, and between what the ratios of the single rounds lie, each
 * against the round of the other side that was taken beside it.
 */
export function ratioOf(values: readonly number[], others: readonly number[]): Figure {
  const single = values.map((value, round) => value / (others[round] ?? Number.NaN));
  return { ...figureOf(single), median: median(values) / median(others) };
}
