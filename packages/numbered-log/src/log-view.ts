import type { LogDefinition } from './log-definition.js';
import { noTotals, type RunningTotals } from './running-totals.js';
import { isErasure, requireSegment, type Segment } from './segment.js';
import { range, type SegmentReader, type Tail } from './segment-reader.js';

/** The largest allowed difference between two clocks: the one in an entry's id and the one that says when it was recorded. */
export const clockDifferenceMaxMs = 10 * 60 * 1000;

/** Segments for each call when reading towards the start of the log; many more would approach a sidecar's limit of 4 MiB. */
const segmentsPerCall = 100;

type RememberedSegment = { number: number; recordedMs: number; ids: string[] };

/** What one writer remembers of a log: its last number, its running totals, and the ids in its newest segments, without a gap. */
export class LogView<Entry> {
  readonly #reader: SegmentReader<Entry>;
  readonly #definition: LogDefinition<Entry>;
  readonly #fingerprints = new Map<string, string>();
  #segments: RememberedSegment[] = [];
  #lastNumber = 0;
  #totals: RunningTotals = noTotals;
  #erasedMs = -Infinity;

  private constructor(reader: SegmentReader<Entry>, definition: LogDefinition<Entry>) {
    this.#reader = reader;
    this.#definition = definition;
  }

  /** Reads the log's tail from the store. */
  static async load<Entry>(
    reader: SegmentReader<Entry>,
    definition: LogDefinition<Entry>,
  ): Promise<LogView<Entry>> {
    const view = new LogView(reader, definition);
    view.#adopt(await reader.findTail());
    return view;
  }

  /** The number of the last segment, or 0 for an empty log. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  get totals(): RunningTotals {
    return this.#totals;
  }

  /** When the log was last erased, in milliseconds since the epoch, as far as the view knows; -Infinity if never. */
  get erasedMs(): number {
    return this.#erasedMs;
  }

  /**
   * Reads the log back: the segments that were appended since the last read. Returns the segment right after the last known
   * one, if it exists. @throws DamagedLogError if the last known segment does not exist any more
   */
  async refresh(): Promise<Segment<Entry> | undefined> {
    const next = this.#lastNumber + 1;
    const tail = await this.#reader.findTailFrom(this.#lastNumber, 1, [next]);
    this.#adopt(tail);
    return tail.segments.get(next);
  }

  /** Adds the segment that this process just created. */
  append(segment: Segment<Entry>): void {
    this.#add(segment);
  }

  /** Forgets ids that were recorded longer ago than the definition remembers them. */
  trim(nowMs: number): void {
    const beforeMs = nowMs - this.#definition.rememberedMs;
    const kept = this.#segments.findIndex(({ recordedMs }) => recordedMs >= beforeMs);
    // The last segment before that time stays: it proves that no other segment was recorded between it and the kept ones.
    const forgotten = this.#segments.splice(0, (kept === -1 ? this.#segments.length : kept) - 1);
    for (const { ids } of forgotten) ids.forEach((id) => this.#fingerprints.delete(id));
  }

  /** Whether every segment that can contain an id created at this time is in memory. */
  reachesBackTo(createdAtMs: number): boolean {
    const oldest = this.#segments[0];
    return (
      oldest === undefined || oldest.number === 1 || oldest.recordedMs < createdAtMs - clockDifferenceMaxMs
    );
  }

  /** Reads older segments until every segment that can contain an id created at this time is in memory. */
  async loadBackTo(createdAtMs: number): Promise<void> {
    while (!this.reachesBackTo(createdAtMs)) {
      const oldest = this.#segments[0]?.number ?? 1;
      const numbers = range(oldest - segmentsPerCall, oldest - 1);
      const older = await this.#reader.read(numbers);
      this.#segments.unshift(...numbers.map((number) => this.#remember(requireSegment(older, number))));
    }
  }

  /** The fingerprint of the entry with an id, if the entry is in memory. */
  fingerprintOf(id: string): string | undefined {
    return this.#fingerprints.get(id);
  }

  /** Adopts a tail that was read. A tail with a gap to what is in memory replaces it. */
  #adopt({ lastNumber, firstNumber, segments }: Tail<Entry>): void {
    if (firstNumber > this.#lastNumber + 1) {
      this.#segments = [];
      this.#fingerprints.clear();
      this.#lastNumber = firstNumber - 1;
    }
    for (const number of range(this.#lastNumber + 1, lastNumber)) this.#add(requireSegment(segments, number));
  }

  #add(segment: Segment<Entry>): void {
    this.#segments.push(this.#remember(segment));
    this.#totals = segment.totals;
    this.#lastNumber = segment.number;
  }

  #remember(segment: Segment<Entry>): RememberedSegment {
    const recordedMs = Date.parse(segment.recordedAt);
    if (isErasure(segment)) this.#erasedMs = Math.max(this.#erasedMs, recordedMs);
    const entries = segment.entries.filter((entry) => entry !== null);
    const ids = entries.map((entry) => {
      const id = this.#definition.idOf(entry);
      // The first fingerprint stays: a tolerated duplicate in a later segment does not replace it.
      if (!this.#fingerprints.has(id)) this.#fingerprints.set(id, this.#definition.fingerprintOf(entry));
      return id;
    });
    return { number: segment.number, recordedMs, ids };
  }
}
