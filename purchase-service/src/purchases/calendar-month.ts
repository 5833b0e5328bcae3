/** The time from `fromMs` until before `toMs`, in milliseconds since the epoch. */
export type Period = { fromMs: number; toMs: number };

/** The period of a month in UTC, such as 2026-11. */
export function periodOfMonth(month: string): Period {
  const start = new Date(`${month}-01T00:00:00.000Z`);
  return { fromMs: start.getTime(), toMs: new Date(start).setUTCMonth(start.getUTCMonth() + 1) };
}

/** The last `count` months in UTC, oldest first, up to and including the current month. */
export function lastMonths(now: Date, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - (count - 1 - index)))
      .toISOString()
      .slice(0, 7),
  );
}
