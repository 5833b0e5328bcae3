/** The time from `fromMs` until before `toMs`, in milliseconds since the epoch. */
export type Period = { fromMs: number; toMs: number };

/** What two periods have in common. */
export function intersection(one: Period, other: Period = { fromMs: -Infinity, toMs: Infinity }): Period {
  return { fromMs: Math.max(one.fromMs, other.fromMs), toMs: Math.min(one.toMs, other.toMs) };
}

/** The period of a month in UTC, such as 2026-11. */
export function periodOfMonth(month: string): Period {
  const start = new Date(`${month}-01T00:00:00.000Z`);
  return { fromMs: start.getTime(), toMs: new Date(start).setUTCMonth(start.getUTCMonth() + 1) };
}

/** The period of a year in UTC, such as 2026. */
export function periodOfYear(year: string): Period {
  const start = new Date(`${year}-01-01T00:00:00.000Z`);
  return { fromMs: start.getTime(), toMs: new Date(start).setUTCFullYear(start.getUTCFullYear() + 1) };
}

/** The last `count` months in UTC, oldest first, up to and including the month of a time. */
export function lastMonths(time: Date, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const start = new Date(time);
    start.setUTCFullYear(time.getUTCFullYear(), time.getUTCMonth() - (count - 1 - index), 1);
    return start.toISOString().slice(0, 7);
  });
}

/** The last `count` years in UTC, oldest first, up to and including the year of a time. */
export function lastYears(time: Date, count: number): string[] {
  const last = time.getUTCFullYear();
  return Array.from({ length: count }, (_, index) => String(last - (count - 1 - index)).padStart(4, '0'));
}
