import type { Totals } from '@unity-purchase/contracts';
import type { LogDefinition } from './log-definition.js';
import { DamagedLogError, type Segment } from './segment.js';
import { range, type SegmentReader } from './segment-reader.js';
import { noTotals } from './totals.js';

/** How far two clocks may differ: the one that minted an identity, and the one that says when it was recorded. */
export const clockDifferenceMaxMs = 10 * 60 * 1000;

/** Going back in a log reads this many segments a call; more would come near the sidecar's limit of 4 MiB. */
const stepBack = 100;

/** A view keeps what was recorded this recently; fresh identities are never older, and old ones are read again. */
const keptMs = 3 * clockDifferenceMaxMs;

type Seen = { number: number; recordedMs: number; identities: string[] };

/** What one writer remembers of a log: its end, its totals, and the identities in an unbroken run of last segments. */
export class LogView<Entry> {
  readonly #reader: SegmentReader<Entry>;
  readonly #definition: LogDefinition<Entry>;
  readonly #fingerprints = new Map<string, string>();
  #seen: Seen[] = [];
  #end = 0;
  #totals: Totals = noTotals;

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
    const hint = await reader.readHint();
    const tail = await reader.findTail(hint, 1);
    view.#extend(tail.segments, Math.max(0, hint - 1), tail.number);
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
   * Reads what was appended since, and gives it back. Throws DamagedLogError if what this view knew last is not there
   * any more.
   */
  async refresh(): Promise<ReadonlyMap<number, Segment<Entry>>> {
    const tail = await this.#reader.findTail(this.#end, 1);
    this.#extend(tail.segments, this.#end, tail.number);
    return tail.segments;
  }

  /** Adds the segment that this process just created. */
  append(segment: Segment<Entry>): void {
    this.#extend(new Map([[segment.number, segment]]), segment.number - 1, segment.number);
    this.#forget(Date.parse(segment.recordedAt) - keptMs);
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
      const inOrder = numbers.map((number) => required(earlier, number));
      this.#seen = [...inOrder.map((segment) => this.#see(segment)), ...this.#seen];
    }
  }

  /** The fingerprint under which an identity stands in the segments in memory. */
  fingerprintOf(identity: string): string | undefined {
    return this.#fingerprints.get(identity);
  }

  #extend(segments: ReadonlyMap<number, Segment<Entry>>, after: number, end: number): void {
    for (const number of range(after + 1, end)) {
      const segment = required(segments, number);
      this.#seen.push(this.#see(segment));
      this.#totals = segment.totals;
    }
    this.#end = end;
  }

  #see({ number, recordedAt, entries }: Segment<Entry>): Seen {
    const identities = entries.map((entry) => this.#definition.identityOf(entry));
    entries.forEach((entry) => {
      const identity = this.#definition.identityOf(entry);
      // The first stays: a tolerated repeat further on does not replace it.
      if (!this.#fingerprints.has(identity))
        this.#fingerprints.set(identity, this.#definition.fingerprintOf(entry));
    });
    return { number, recordedMs: Date.parse(recordedAt), identities };
  }

  #forget(beforeMs: number): void {
    while (this.#seen.length > 1 && (this.#seen[0]?.recordedMs ?? beforeMs) < beforeMs) {
      this.#seen.shift()?.identities.forEach((identity) => this.#fingerprints.delete(identity));
    }
  }
}

function required<Entry>(segments: ReadonlyMap<number, Segment<Entry>>, number: number): Segment<Entry> {
  const segment = segments.get(number);
  if (segment === undefined) throw new DamagedLogError(`segment ${number} is missing`);
  return segment;
}
