import { z } from 'zod';
import { DamagedLogError } from './log-errors.js';
import type { LogStore } from './log-store.js';
import type { Segment, SegmentDecoder } from './segment.js';

/** Every 16th segment number is stored as the tail hint, so that a reader does not search from the start of the log. */
export const hintInterval = 16;

/** One segment more than lies between two hints: a probe after a fresh hint always reaches the end of the log. */
const probeLength = hintInterval + 1;

/** After a stale hint, each probe is twice as long as the one before, up to this. */
const probeLengthMax = 64;

const hintSchema = z.strictObject({ segment: z.int().min(1) });

/** The newest segments of a log as one read saw them. `segments` has no gap from `firstNumber` to `lastNumber`. */
export type Tail<Entry> = { lastNumber: number; firstNumber: number; segments: Map<number, Segment<Entry>> };

/** Reads one log, in calls of a bounded size. */
export class SegmentReader<Entry> {
  readonly #store: LogStore;
  readonly #log: string;
  readonly #decode: SegmentDecoder<Entry>;
  readonly #signal: AbortSignal | undefined;

  /** Aborting the signal cancels all reads. */
  constructor(store: LogStore, log: string, decode: SegmentDecoder<Entry>, signal?: AbortSignal) {
    this.#store = store;
    this.#log = log;
    this.#decode = decode;
    this.#signal = signal;
  }

  keyOf(number: number): string {
    return `${this.#log}:${number}`;
  }

  /** Reads the segments with these numbers in one call. The result contains only segments that exist. */
  async read(numbers: Iterable<number>): Promise<Map<number, Segment<Entry>>> {
    const unique = [...new Set(numbers)];
    if (unique.length === 0) return new Map();
    return this.#decodeAll(unique, await this.#getBulk(unique.map((number) => this.keyOf(number))));
  }

  /** Decodes the text of a segment. @throws DamagedLogError for any other text */
  decode(number: number, text: string): Segment<Entry> {
    return this.#decode(this.keyOf(number), number, text);
  }

  #getBulk(keys: readonly string[]): Promise<Map<string, string>> {
    return this.#store.getBulk(keys, { signal: this.#signal });
  }

  #decodeAll(numbers: readonly number[], texts: ReadonlyMap<string, string>): Map<number, Segment<Entry>> {
    const segments = new Map<number, Segment<Entry>>();
    for (const number of numbers) {
      const text = texts.get(this.keyOf(number));
      if (text !== undefined) segments.set(number, this.decode(number, text));
    }
    return segments;
  }

  /** Reads the tail hint: a segment number at or before the end of the log, or 0 if there is none. */
  async readHint(): Promise<number> {
    return this.#decodeHint((await this.#getBulk([this.#log])).get(this.#log));
  }

  #decodeHint(text: string | undefined): number {
    if (text === undefined) return 0;
    try {
      return hintSchema.parse(JSON.parse(text)).segment;
    } catch (cause) {
      throw new DamagedLogError(`${this.#log} is not a tail hint`, { cause });
    }
  }

  /** Stores the tail hint. The write may be lost or overwritten by an older hint: a hint may be stale, never wrong. */
  async writeHint(segment: number): Promise<void> {
    await this.#store.save(this.#log, JSON.stringify({ segment }));
  }

  /**
   * Finds the tail of a log about which nothing is known. It reads the hint and the first segments together: one call for a
   * short log, as most are, and one more for a longer one. That call also reads `before` segments up to the hint, and
   * `landmarks` segments evenly spread over the log.
   */
  async findTail({ before = 1, landmarks = 0 } = {}): Promise<Tail<Entry>> {
    const firstNumbers = range(1, probeLength);
    const texts = await this.#getBulk([this.#log, ...firstNumbers.map((number) => this.keyOf(number))]);
    const hint = this.#decodeHint(texts.get(this.#log));
    const segments = this.#decodeAll(firstNumbers, texts);
    const lastNumber = lastWithoutGap(segments, 0);
    if (hint > lastNumber || lastNumber === probeLength)
      return this.findTailFrom(
        Math.max(hint, lastNumber),
        before,
        evenlySpread(0, Math.max(hint, lastNumber), landmarks),
      );
    return { lastNumber, firstNumber: firstWithoutGap(segments, lastNumber), segments };
  }

  /**
   * Finds the tail at or after `hint`. The same call also reads `before` segments up to the hint and the segments in `also`.
   * It is one call if the hint is fresh. If the hint is far behind, the stored hint replaces it.
   *
   * A read of many keys is not a snapshot: a segment may be missing although a later one, created meanwhile, is there.
   * Everything after a missing segment is ignored.
   */
  async findTailFrom(hint: number, before: number, also: readonly number[] = []): Promise<Tail<Entry>> {
    let probedTo = hint + probeLength;
    const segments = await this.read([...range(hint - before + 1, probedTo), ...also]);
    if (hint > 0 && !segments.has(hint)) throw new DamagedLogError(`${this.keyOf(hint)} is missing`);
    let lastNumber = lastWithoutGap(segments, hint);
    if (lastNumber >= probedTo) {
      const storedHint = await this.readHint();
      if (storedHint > lastNumber) return this.findTailFrom(storedHint, before, also);
    }
    let length = probeLength;
    while (lastNumber >= probedTo) {
      length = Math.min(length * 2, probeLengthMax);
      probedTo = lastNumber + length;
      for (const [number, segment] of await this.read(range(lastNumber + 1, probedTo)))
        segments.set(number, segment);
      lastNumber = lastWithoutGap(segments, lastNumber);
    }
    return { lastNumber, firstNumber: firstWithoutGap(segments, lastNumber), segments };
  }
}

/** The segment numbers from `first` (at least 1) to `last`; none if `last` is smaller. */
export function range(first: number, last: number): number[] {
  const start = Math.max(1, first);
  return Array.from({ length: Math.max(0, last - start + 1) }, (_, index) => start + index);
}

/** At most `count` segment numbers that divide what lies between two others into parts of about the same length. */
export function evenlySpread(after: number, before: number, count: number): number[] {
  const step = Math.max(1, Math.ceil((before - after) / (count + 1)));
  return Array.from(
    { length: Math.max(0, Math.floor((before - after - 1) / step)) },
    (_, index) => after + (index + 1) * step,
  );
}

function lastWithoutGap(segments: ReadonlyMap<number, unknown>, start: number): number {
  let last = start;
  while (segments.has(last + 1)) last += 1;
  return last;
}

function firstWithoutGap(segments: ReadonlyMap<number, unknown>, lastNumber: number): number {
  let first = lastNumber;
  while (segments.has(first - 1)) first -= 1;
  return first;
}
