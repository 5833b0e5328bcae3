import type { LogPage, Position, RecordedEntry, RunningTotals } from '@unity-purchase/numbered-log';

/** What a search found, where it continues if there is more, and how far it came. */
type Collected<Entry> = {
  found: RecordedEntry<Entry>[];
  next: Position | undefined;
  searched: { count: number; since?: string };
  totals: RunningTotals;
};

/**
 * Collects the matching entries of one or more consecutive pages. It ends with the pages, with the last entry that fits within `limit`, or when it has looked through `searchedMax` entries. It reads no page that it does not need.
 */
export async function collectMatches<Entry>(
  pages: AsyncIterable<LogPage<Entry>>,
  matches: (recorded: RecordedEntry<Entry>) => boolean,
  { limit, searchedMax }: { limit: number; searchedMax: number },
): Promise<Collected<Entry>> {
  const found: RecordedEntry<Entry>[] = [];
  const searched: Collected<Entry>['searched'] = { count: 0 };
  let totals: RunningTotals = { count: 0, sums: {} };
  // Erased entries cost as much, but only the others count as searched.
  let readCount = 0;
  for await (const page of pages) {
    totals = page.totals;
    for (const { entry, recordedAt, position } of page.items) {
      readCount += 1;
      if (entry !== null) {
        searched.count += 1;
        searched.since = recordedAt;
        if (matches({ entry, recordedAt })) found.push({ entry, recordedAt });
      }
      if (found.length < limit && readCount < searchedMax) continue;
      const isLast = position === page.items.at(-1)?.position;
      return { found, next: isLast ? page.next : position, searched, totals };
    }
  }
  return { found, next: undefined, searched, totals };
}
