/** A time from `fromMs` on and before `toMs`, in milliseconds since the epoch. */
export type Period = { fromMs: number; toMs: number };

/** A month, as 2026-11, in UTC. */
export function periodOfMonth(month: string): Period {
  const start = new Date(`${month}-01T00:00:00.000Z`);
  return { fromMs: start.getTime(), toMs: new Date(start).setUTCMonth(start.getUTCMonth() + 1) };
}

/** The last months in UTC, oldest first, up to the one that runs. */
export function lastMonths(now: Date, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - (count - 1 - index)))
      .toISOString()
      .slice(0, 7),
  );
}
