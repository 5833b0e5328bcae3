import type { Totals } from '@unity-purchase/contracts';
import type { LogDefinition } from './log-definition.js';
import { DamagedLogError, isErasure, type Segment } from './segment.js';
import { range, type SegmentReader, type Tail } from './segment-reader.js';
import { noTotals } from './totals.js';

/** How far two clocks may differ: the one that minted an identity, and the one that says when it was recorded. */
export const clockDifferenceMaxMs = 10 * 60 * 1000;

/** Going back in a log reads this many segments a call; more would come near the sidecar's limit of 4 MiB. */
const stepBack = 100;

type Seen = { number: number; recordedMs: number; identities: string[] };

/** What one writer remembers of a log: its end, its totals, and the identities in an unbroken run of last segments. */
export class LogView<Entry> {
  readonly #reader: SegmentReader<Entry>;
  readonly #definition: LogDefinition<Entry>;
  readonly #fingerprints = new Map<string, string>();
  #seen: Seen[] = [];
  #end = 0;
  #totals: Totals = noTotals;
  #erasedMs = -Infinity;

  private constructor(reader: SegmentReader<Entry>, definition: LogDefinition<Entry>) {
    this.#reader = reader;
    this.#definition = definition;
  }

  /** Reads the log's end from the store. */
  static async load<Entry>(
    reader: SegmentReader<Entry>,
    definition: LogDefinition<Entry>,
  ): Promise<LogView<Entry>> {
    const view = new LogView(reader, definition);
    view.#adopt(await reader.findEnd());
    return view;
  }

  /** The number of the last segment, 0 of an empty log. */
  get end(): number {
    return this.#end;
  }

  get totals(): Totals {
    return this.#totals;
  }

  /**
   * Reads what was appended since; gives the segment that came right after what this view knew. Throws DamagedLogError
   * if what it knew last is not there any more.
   */
  async refresh(): Promise<Segment<Entry> | undefined> {
    const next = this.#end + 1;
    const tail = await this.#reader.findTail(this.#end, 1, [next]);
    this.#adopt(tail);
    return tail.segments.get(next);
  }

  /** Adds the segment that this process just created. */
  append(segment: Segment<Entry>): void {
    this.#add(segment);
  }

  /** Forgets identities that were recorded longer ago than the definition keeps them. */
  trim(nowMs: number): void {
    const beforeMs = nowMs - this.#definition.keptMs;
    const kept = this.#seen.findIndex(({ recordedMs }) => recordedMs >= beforeMs);
    // The last one before that time stays: it tells that nothing lies between it and what is kept.
    const forgotten = this.#seen.splice(0, (kept === -1 ? this.#seen.length : kept) - 1);
    for (const { identities } of forgotten)
      identities.forEach((identity) => this.#fingerprints.delete(identity));
  }

  /** Whether every segment that could hold an identity of this age is in memory. */
  covers(mintedMs: number): boolean {
    const oldest = this.#seen[0];
    return oldest === undefined || oldest.number === 1 || oldest.recordedMs < mintedMs - clockDifferenceMaxMs;
  }

  /** Reads back until every segment that could hold an identity of this age is in memory. */
  async cover(mintedMs: number): Promise<void> {
    while (!this.covers(mintedMs)) {
      const oldest = this.#seen[0]?.number ?? 1;
      const numbers = range(oldest - stepBack, oldest - 1);
      const earlier = await this.#reader.read(numbers);
      this.#seen.unshift(...numbers.map((number) => this.#see(required(earlier, number))));
    }
  }

  /** The fingerprint under which an identity stands in the segments in memory. */
  fingerprintOf(identity: string): string | undefined {
    return this.#fingerprints.get(identity);
  }

  /** When the log was erased last, as far as is in memory; -Infinity if it never was. */
  get erasedMs(): number {
    return this.#erasedMs;
  }

  /** Takes over what a read of the end brought; one that leaves a gap to what is known replaces it. */
  #adopt({ number, first, segments }: Tail<Entry>): void {
    if (first > this.#end + 1) {
      this.#seen = [];
      this.#fingerprints.clear();
      this.#end = first - 1;
    }
    for (const each of range(this.#end + 1, number)) this.#add(required(segments, each));
  }

  #add(segment: Segment<Entry>): void {
    this.#seen.push(this.#see(segment));
    this.#totals = segment.totals;
    this.#end = segment.number;
  }

  #see(segment: Segment<Entry>): Seen {
    const recordedMs = Date.parse(segment.recordedAt);
    if (isErasure(segment)) this.#erasedMs = Math.max(this.#erasedMs, recordedMs);
    const entries = segment.entries.filter((entry) => entry !== null);
    const identities = entries.map((entry) => {
      const identity = this.#definition.identityOf(entry);
      // The first stays: a tolerated repeat further on does not replace it.
      if (!this.#fingerprints.has(identity))
        this.#fingerprints.set(identity, this.#definition.fingerprintOf(entry));
      return identity;
    });
    return { number: segment.number, recordedMs, identities };
  }
}

function required<Entry>(segments: ReadonlyMap<number, Segment<Entry>>, number: number): Segment<Entry> {
  const segment = segments.get(number);
  if (segment === undefined) throw new DamagedLogError(`segment ${number} is missing`);
  return segment;
}
