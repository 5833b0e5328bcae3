import { evenlySpread } from './segment-reader.js';

/** Two segments with a time in between: the last one known to be before it, and the first one known not to be. */
export type TimeBounds = { before: number; notBefore: number };

/** When a segment was recorded, in milliseconds since the epoch, if that is known. */
export type RecordedMsOf = (number: number) => number | undefined;

/**
 * The segments to read next in order to find times between the same bounds, ascending: at most `perTime` for each time. Half of them are
 * around the place where the time would be if everything had been recorded at an even rate, at distances that double. The others are
 * spread evenly, so that the bounds come closer also if that is far from the truth.
 */
export function timeProbes(
  bounds: TimeBounds,
  timesMs: readonly number[],
  recordedMsOf: RecordedMsOf,
  perTime: number,
): number[] {
  const { before, notBefore } = bounds;
  const expected = new Set(
    timesMs.flatMap((timeMs) =>
      aroundExpected(bounds, timeMs, recordedMsOf).slice(0, Math.floor(perTime / 2)),
    ),
  );
  const even = evenlySpread(before, notBefore, timesMs.length * perTime - expected.size);
  return [...new Set([...expected, ...even])].sort((one, other) => one - other);
}

/** The segments around the first one that is expected not to be before a time, nearest first. None if nothing can be expected. */
function aroundExpected(
  { before, notBefore }: TimeBounds,
  timeMs: number,
  recordedMsOf: RecordedMsOf,
): number[] {
  const fromMs = recordedMsOf(before);
  const toMs = recordedMsOf(notBefore);
  if (fromMs === undefined || toMs === undefined || toMs <= fromMs) return [];
  const length = notBefore - before;
  const expected = before + Math.ceil((length * (timeMs - fromMs)) / (toMs - fromMs));
  const numbers = [expected - 1, expected];
  for (let distance = 1; distance < length; distance *= 2)
    numbers.push(expected - 1 - distance, expected + distance);
  return numbers.filter((number) => number > before && number < notBefore);
}
