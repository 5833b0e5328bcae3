import type { LogDefinition } from './log-definition.js';
import type { RecordedEntry } from './log-page.js';
import { addToTotals, areEqualTotals, noTotals, type RunningTotals } from './running-totals.js';
import { isErasure, type Segment } from './segment.js';
import { probeLength, range, type SegmentReader } from './segment-reader.js';

/**
 * What is wrong with a segment. `missing`: it does not exist, although a later one does. `unreadable`: its value is not a segment.
 * `totals`: its running totals are not those of the entries up to it. The tail hint counts as segment 0.
 */
export type Damage = { segment: number; damage: 'missing' | 'unreadable' | 'totals' };

/** The segments from `first` up to the one before `next` as they are: those that can be read, and what is wrong with the others. */
export type InspectedPart<Entry> = {
  segments: Segment<Entry>[];
  damages: Damage[];
  first: number;
  next: number;
};

/** An entry with the number of its segment. `isPlaced` says whether the writer stored its place: see places.ts. */
export type InspectedEntry<Entry> = RecordedEntry<Entry> & { segment: number; isPlaced: boolean };

const segmentsPerCall = 100;

/**
 * Reads a log from a segment up to its end, as many segments at a time as one call returns, and continues after segments that
 * are missing or unreadable. It finds a part of the log behind a gap of up to a hundred segments, or up to the tail hint.
 */
export async function* inspectLog<Entry>(
  reader: SegmentReader<Entry>,
  start: number,
): AsyncGenerator<InspectedPart<Entry>> {
  for (let first = start; ;) {
    const end = first + segmentsPerCall - 1;
    const { segments, unreadable, hint } = await reader.inspect(range(first, end));
    const last = Math.max(first - 1, Math.min(hint ?? 0, end), ...segments.keys(), ...unreadable);
    const hintDamages: Damage[] =
      first === 1 && hint === undefined ? [{ segment: 0, damage: 'unreadable' }] : [];
    if (last < first && hintDamages.length === 0) return;
    const absent = range(first, last).filter((number) => !segments.has(number) && !unreadable.has(number));
    // A read of many keys is not a snapshot: what was created during it exists now.
    const again = absent.length === 0 ? undefined : await reader.inspect(absent);
    for (const segment of again?.segments.values() ?? []) segments.set(segment.number, segment);
    for (const number of again?.unreadable ?? []) unreadable.add(number);
    const numbers = range(first, last);
    yield {
      segments: numbers.flatMap((number) => segments.get(number) ?? []),
      damages: [
        ...hintDamages,
        ...numbers.flatMap((segment): Damage[] => {
          if (unreadable.has(segment)) return [{ segment, damage: 'unreadable' }];
          return segments.has(segment) ? [] : [{ segment, damage: 'missing' }];
        }),
      ],
      first,
      next: last + 1,
    };
    // The same call has shown that nothing follows.
    if (last + probeLength <= end) return;
    first = last + 1;
  }
}

/** Compares the running totals of a log with its entries, part by part from the first segment on. */
export class TotalsCheck<Entry> {
  readonly #definition: LogDefinition<Entry>;
  /** Unknown after a segment that cannot be read. */
  #expected: RunningTotals | undefined = noTotals;
  #firstWrong: number | undefined;

  constructor(definition: LogDefinition<Entry>) {
    this.#definition = definition;
  }

  /** Takes the next part of the log. */
  add({ segments, damages }: InspectedPart<Entry>): void {
    const damaged = new Set(damages.map(({ segment }) => segment));
    for (const segment of segments) {
      if (damaged.has(segment.number - 1)) this.#expected = undefined;
      if (isErasure(segment)) {
        // Before an erasure that was interrupted, some segments still have their totals.
        this.#firstWrong = undefined;
        this.#expected = noTotals;
        continue;
      }
      const expected = this.#expected && withEntries(this.#definition, this.#expected, segment);
      if (expected !== undefined && !areEqualTotals(expected, segment.totals))
        this.#firstWrong ??= segment.number;
      this.#expected = segment.totals;
    }
  }

  /** The first segment after the last erasure with wrong totals, if there is one. */
  damages(): Damage[] {
    return this.#firstWrong === undefined ? [] : [{ segment: this.#firstWrong, damage: 'totals' }];
  }
}

/** Adds the entries of a segment that are not erased to running totals. */
export function withEntries<Entry>(
  { amountOf }: LogDefinition<Entry>,
  totals: RunningTotals,
  { entries }: Segment<Entry>,
): RunningTotals {
  return entries.reduce((sum, entry) => (entry === null ? sum : addToTotals(sum, amountOf(entry))), totals);
}
