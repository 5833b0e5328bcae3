/** The median. @throws RangeError without values */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** A percentile, interpolated between values. @throws RangeError without values */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new RangeError('there is no percentile of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const place = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** A figure measured several times. */
export type Figure = { median: number; min: number; max: number };

/** The median of rounds and their range. */
export function figureOf(values: readonly number[]): Figure {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * The ratio of two figures: that of their medians, with the range of the ratios of paired rounds.
 */
export function ratioOf(values: readonly number[], others: readonly number[]): Figure {
  const single = values.map((value, round) => value / (others[round] ?? Number.NaN));
  return { ...figureOf(single), median: median(values) / median(others) };
}
