import type { Figure } from './statistics.js';

/** A number with significant digits: two decimals below ten, one below a hundred, then none. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  return value.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0);
}

/** The median, with the range of the rounds where there are several. */
export function figureText({ median, min, max }: Figure): string {
  const middle = numberText(median);
  return min === max ? middle : `${middle} (${numberText(min)}–${numberText(max)})`;
}

/** The side and the number of a round, as wide as any other. */
export function roundText({ side, round }: { side: string; round: number }): string {
  return `${side.padEnd(8)} round ${round}`;
}
