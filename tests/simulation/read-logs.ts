import type { StoredValues } from './stored-values.js';

/** A segment as it is stored, in any version. */
export type StoredSegment = {
  recordedAt: string;
  entries: (object | null)[];
  totals: { count: number | string; sums: Record<string, number | string> };
};

const segmentKey = /^(history:[^:]+|journal:\d+|dead-letters|audit):(\d+)$/;

/**
 * The segments of each log that were written during the schedule, in their order. It reports numbers that are missing and
 * hints that are wrong. It reads the stored text itself: a mistake in the product's own reader must not hide another one.
 */
export function readLogs(
  values: StoredValues,
  report: (problem: string) => void,
): Map<string, StoredSegment[]> {
  const numbered = new Map<string, Map<number, StoredSegment>>();
  for (const [key, value] of values.written()) {
    const [, log, number] = segmentKey.exec(key) ?? [];
    if (log === undefined) continue;
    const segments = numbered.get(log) ?? new Map<number, StoredSegment>();
    numbered.set(log, segments.set(Number(number), JSON.parse(value) as StoredSegment));
  }
  const logs = new Map<string, StoredSegment[]>();
  for (const [log, segments] of numbered) {
    const earlier = values.earlierLogs.get(log)?.length ?? 0;
    const numbers = [...segments.keys()].sort((one, other) => one - other);
    const last = Math.max(earlier, ...numbers);
    for (let number = earlier + 1; number <= last; number += 1)
      if (!segments.has(number)) report(`${log} has segment ${last}, but not ${number}`);
    logs.set(
      log,
      numbers.filter((number) => number > earlier).map((number) => segments.get(number) as StoredSegment),
    );
  }
  return logs;
}
