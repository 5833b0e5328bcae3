import type { LogDefinition } from './log-definition.js';
import type { Segment } from './segment.js';

/** How many ids and segments a writer remembers at most, whatever is in its log. Each takes about 300 bytes. */
const sizeMax = 50_000;

/** What is remembered of an entry: its fingerprint, and when it happened, in milliseconds since the epoch. */
export type RememberedEntry = { fingerprint: string; happenedMs: number };

type RememberedSegment = {
  number: number;
  recordedMs: number;
  ids: readonly string[];
  readonly readMs: number;
};

/** Two known segments: the last that is known to be recorded before a time, and the first known not to be. */
export type KnownBounds = { before: number; notBefore: number };

/**
 * The segments of one log that its writer remembers, with the ids in them: the tail without a gap, and others that were read
 * to look for an old id. Its size is bounded. Nothing is read twice while it fits.
 */
export class LogMemory<Entry> {
  readonly #definition: LogDefinition<Entry>;
  readonly #entries = new Map<string, RememberedEntry>();
  /** Consecutive segments, up to the last one of the log. */
  #tail: RememberedSegment[] = [];
  /** Other segments, in the order in which they were read. */
  readonly #others = new Map<number, RememberedSegment>();
  #size = 0;
  /** The last erasure that is known of. Entries before it are not remembered. */
  #erasure = 0;

  constructor(definition: LogDefinition<Entry>) {
    this.#definition = definition;
  }

  /** How many ids and segments are remembered. */
  get size(): number {
    return this.#size;
  }

  /** The entry with an id, if it is remembered. */
  entryOf(id: string): RememberedEntry | undefined {
    return this.#entries.get(id);
  }

  /** Forgets the entries in the segments before an erasure. */
  noteErasure(number: number): void {
    if (number <= this.#erasure) return;
    this.#erasure = number;
    for (const segment of [...this.#others.values(), ...this.#tail]) {
      if (segment.number >= number) continue;
      for (const id of segment.ids) this.#entries.delete(id);
      this.#size -= segment.ids.length;
      segment.ids = [];
    }
  }

  /** When a segment was recorded, in milliseconds since the epoch, if the segment is remembered. */
  recordedMsOf(number: number): number | undefined {
    const first = this.#tail[0]?.number ?? Infinity;
    return (number >= first ? this.#tail[number - first] : this.#others.get(number))?.recordedMs;
  }

  /** Whether every segment that was recorded at or after a time is remembered. */
  reachesBackTo(timeMs: number): boolean {
    const oldest = this.#tail[0];
    return oldest === undefined || oldest.number === 1 || oldest.recordedMs < timeMs;
  }

  /** What is known about the place of a time, in a log of `lastNumber` segments. */
  boundsOf(timeMs: number, lastNumber: number): KnownBounds {
    const bounds = { before: 0, notBefore: lastNumber + 1 };
    const known = [...this.#others.values(), ...this.#tail];
    for (const { number, recordedMs } of known)
      if (recordedMs < timeMs) bounds.before = Math.max(bounds.before, number);
    for (const { number } of known)
      if (number > bounds.before) bounds.notBefore = Math.min(bounds.notBefore, number);
    return bounds;
  }

  /** Remembers the next segment at the end of the log. */
  append(segment: Segment<Entry>): void {
    this.#tail.push(this.#remember(segment, 0));
  }

  /** Remembers that the next segment at the end of the log comes after a gap. */
  beginTail(): void {
    for (const segment of this.#tail) this.#others.set(segment.number, segment);
    this.#tail = [];
  }

  /**
   * Remembers segments from elsewhere in the log, and forgets those that were read first if there is no room. Returns the
   * fingerprint of the entry with an id, if it is in one of them.
   */
  add(segments: Iterable<Segment<Entry>>, nowMs: number, id?: string): string | undefined {
    for (const segment of segments)
      if (this.recordedMsOf(segment.number) === undefined)
        this.#others.set(segment.number, this.#remember(segment, nowMs));
    const found = id === undefined ? undefined : this.entryOf(id)?.fingerprint;
    this.#extendTail();
    this.#forgetOthers(-Infinity);
    return found;
  }

  /** Forgets what the definition no longer remembers, and the oldest if there is too much. */
  trim(nowMs: number): void {
    const beforeMs = nowMs - this.#definition.rememberedMs;
    this.#forgetOthers(beforeMs);
    // The last segment before that time stays: it proves that no other segment was recorded between it and the kept ones.
    let kept = 0;
    for (let size = this.#size; kept < this.#tail.length - 1; kept += 1) {
      const isNeeded = (this.#tail[kept + 1]?.recordedMs ?? Infinity) >= beforeMs;
      if (isNeeded && size <= sizeMax) break;
      size -= sizeOf(this.#tail[kept]);
    }
    for (const segment of this.#tail.splice(0, kept)) this.#forget(segment);
  }

  /** Moves segments that are directly before the tail to it. */
  #extendTail(): void {
    const joined: RememberedSegment[] = [];
    for (let number = (this.#tail[0]?.number ?? 0) - 1; ; number -= 1) {
      const segment = this.#others.get(number);
      if (segment === undefined) break;
      this.#others.delete(number);
      joined.push(segment);
    }
    if (joined.length > 0) this.#tail = [...joined.reverse(), ...this.#tail];
  }

  #forgetOthers(readBeforeMs: number): void {
    for (const segment of this.#others.values()) {
      if (segment.readMs >= readBeforeMs && this.#size <= sizeMax) return;
      this.#others.delete(segment.number);
      this.#forget(segment);
    }
  }

  #remember({ number, recordedAt, entries }: Segment<Entry>, readMs: number): RememberedSegment {
    const { idOf, fingerprintOf, happenedAtMsOf } = this.#definition;
    const ids = entries
      .filter((entry) => entry !== null && number > this.#erasure)
      .map((entry) => {
        const id = idOf(entry as Entry);
        // The first entry stays: a tolerated duplicate in a later segment does not replace it.
        if (!this.#entries.has(id))
          this.#entries.set(id, {
            fingerprint: fingerprintOf(entry as Entry),
            happenedMs: happenedAtMsOf(entry as Entry),
          });
        return id;
      });
    const segment = { number, recordedMs: Date.parse(recordedAt), ids, readMs };
    this.#size += sizeOf(segment);
    return segment;
  }

  #forget(segment: RememberedSegment): void {
    this.#size -= sizeOf(segment);
    for (const id of segment.ids) this.#entries.delete(id);
  }
}

function sizeOf(segment: RememberedSegment | undefined): number {
  return segment === undefined ? 0 : segment.ids.length + 1;
}
