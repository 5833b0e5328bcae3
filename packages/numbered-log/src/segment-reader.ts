import { z } from 'zod';
import { DamagedLogError } from './log-errors.js';
import type { LogStore } from './log-store.js';
import type { Segment, SegmentDecoder } from './segment.js';

/** Every 16th segment number is stored as the tail hint, so that a reader does not search from the start of the log. */
export const hintInterval = 16;

/** One segment more than lies between two hints: a probe after a fresh hint always reaches the end of the log. */
export const probeLength = hintInterval + 1;

/** A log far beyond its hint is probed at distances that double, up to 285 million segments. */
const doublingDistances = Array.from({ length: 25 }, (_, index) => probeLength * 2 ** index);

/**
 * The most segments that a call reads in a part of a log. A sidecar passes this many of the largest size, and a late marker's
 * range besides.
 */
export const segmentsPerCall = 120;

const hintSchema = z.strictObject({ segment: z.int().min(1) });

/**
 * The newest segments of a log as one read saw them. `segments` has no gap from `firstNumber` to `lastNumber`. `values` holds
 * the values of the other keys: they are not older than what the read saw before `firstNumber`.
 */
export type Tail<Entry> = {
  lastNumber: number;
  firstNumber: number;
  segments: Map<number, Segment<Entry>>;
  values: ReadonlyMap<string, string>;
};

/** Which segments a call reads besides the tail, given the number at which it starts to look for the end of the log. */
export type Surroundings = {
  /** How many segments up to that number. They belong to the tail. */
  before: number;
  /** Other segments before that number, so that a time is easier to find. */
  landmarks?: (start: number) => readonly number[];
};

/** What the calls that find a tail read besides. */
export type TailOptions = {
  /** Other segments. */
  also?: readonly number[];
  /** Other keys of the store. */
  keys?: readonly string[];
  /** How many hints may be lost in a row without another call. Default: none. */
  lostHints?: number;
};

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
    return (await this.#read([...new Set(numbers)])).segments;
  }

  /**
   * Reads segments and the tail hint in one call, like `read`, but tells which ones are not readable instead of throwing. The hint is
   * undefined if it is not readable, and 0 if there is none.
   */
  async inspect(numbers: readonly number[]): Promise<{
    segments: Map<number, Segment<Entry>>;
    unreadable: Set<number>;
    hint: number | undefined;
  }> {
    const keys = [this.#log, ...numbers.map((number) => this.keyOf(number))];
    const values = await this.#store.getBulk(keys, { signal: this.#signal });
    const segments = new Map<number, Segment<Entry>>();
    const unreadable = new Set<number>();
    for (const number of numbers) {
      const text = values.get(this.keyOf(number));
      if (text === undefined) continue;
      const segment = ifReadable(() => this.decode(number, text));
      if (segment === undefined) unreadable.add(number);
      else segments.set(number, segment);
    }
    return { segments, unreadable, hint: ifReadable(() => this.#hintIn(values)) };
  }

  /** Decodes the text of a segment. @throws DamagedLogError for any other text */
  decode(number: number, text: string): Segment<Entry> {
    return this.#decode(this.keyOf(number), number, text);
  }

  /** Reads segments and other keys in one call. */
  async #read(numbers: readonly number[], otherKeys: readonly string[] = []) {
    const segments = new Map<number, Segment<Entry>>();
    const keys = [...otherKeys, ...numbers.map((number) => this.keyOf(number))];
    if (keys.length === 0) return { segments, values: new Map<string, string>() };
    const values = await this.#store.getBulk(keys, { signal: this.#signal });
    for (const number of numbers) {
      const text = values.get(this.keyOf(number));
      if (text !== undefined) segments.set(number, this.decode(number, text));
    }
    return { segments, values };
  }

  /** The key of the tail hint, for `TailOptions.keys`: the call then need not be repeated for the hint. */
  get hintKey(): string {
    return this.#log;
  }

  /** Reads the tail hint: a segment number at or before the end of the log, or 0 if there is none. */
  async readHint(): Promise<number> {
    return this.#hintIn((await this.#read([], [this.#log])).values);
  }

  /** Reads the number of a segment at or before the end of the log, or 0 if the log is empty. It takes one call of two keys. */
  async readStart(): Promise<number> {
    const { segments, values } = await this.#read([1], [this.#log]);
    return Math.max(this.#hintIn(values), segments.size);
  }

  #hintIn(values: ReadonlyMap<string, string>): number {
    const text = values.get(this.#log);
    if (text === undefined) return 0;
    try {
      return hintSchema.parse(JSON.parse(text)).segment;
    } catch (cause) {
      throw new DamagedLogError(`${this.#log} is not a tail hint`, { cause });
    }
  }

  /**
   * The key and the value of the tail hint. Storing it may fail, and an older hint may overwrite it: a hint may be stale, never
   * wrong.
   */
  hintOf(segment: number): { key: string; value: string } {
    return { key: this.#log, value: JSON.stringify({ segment }) };
  }

  /**
   * Finds the tail of a log about which nothing is known. It reads the hint and the first segments together: one call for a
   * short log, as most are, and one more for a longer one, which also reads the surroundings of the hint.
   */
  async findTail(
    surroundings: Surroundings = { before: 1 },
    options: TailOptions = {},
  ): Promise<Tail<Entry>> {
    const first = await this.#read(range(1, probeLength), [this.#log, ...(options.keys ?? [])]);
    const hint = this.#hintIn(first.values);
    const lastNumber = lastWithoutGap(first.segments, 0);
    return hint > lastNumber || lastNumber === probeLength
      ? this.#findTailFromStored(Math.max(hint, lastNumber), surroundings, options)
      : { lastNumber, firstNumber: firstWithoutGap(first.segments, lastNumber), ...first };
  }

  /**
   * Finds the tail at or after `start`. The same call also reads `before` segments up to there. It is one call if `start` is
   * close to the end of the log. Otherwise the stored hint replaces `start`, and `surroundings` replaces `before`.
   * @throws DamagedLogError if `start` is read and does not exist
   *
   * A read of many keys is not a snapshot: a segment may be missing although a later one, created meanwhile, is there.
   * Everything after a missing segment is ignored.
   */
  async findTailFrom(
    start: number,
    before: number,
    options: TailOptions = {},
    surroundings: Surroundings = { before },
  ): Promise<Tail<Entry>> {
    const tail = await this.#readTail(start, { before }, options);
    return tail.isComplete
      ? tail
      : this.#findTailFromStored(
          Math.max(tail.lastNumber, this.#hintIn(tail.values) || (await this.readHint())),
          surroundings,
          options,
        );
  }

  /** Finds the tail at or after a segment beyond which no hint is stored. */
  async #findTailFromStored(start: number, surroundings: Surroundings, options: TailOptions) {
    for (let from = start; ;) {
      const tail = await this.#readTail(from, surroundings, options);
      if (tail.isComplete) return tail;
      from = await this.#probeFrom(tail.lastNumber);
    }
  }

  /** Reads the segments around `start`. `isComplete` is false if the log may have more after them. */
  async #readTail(
    start: number,
    { before, landmarks = () => [] }: Surroundings,
    { also = [], keys, lostHints = 0 }: TailOptions,
  ): Promise<Tail<Entry> & { isComplete: boolean }> {
    const probedTo = start + probeLength + lostHints * hintInterval;
    const numbers = new Set([...range(start - before + 1, probedTo), ...landmarks(start), ...also]);
    const { segments, values } = await this.#read([...numbers], keys);
    if (start > 0 && before > 0 && !segments.has(start))
      throw new DamagedLogError(`${this.keyOf(start)} is missing`);
    const lastNumber = lastWithoutGap(segments, start);
    const firstNumber = firstWithoutGap(segments, lastNumber);
    return { lastNumber, firstNumber, segments, values, isComplete: lastNumber < probedTo };
  }

  /** Finds a segment shortly before the end of the log, which is at `known` or far behind it. */
  async #probeFrom(known: number): Promise<number> {
    let exists = known;
    let probes = doublingDistances.map((distance) => known + distance);
    for (;;) {
      const segments = await this.read(probes);
      const missing = probes.find((number) => !segments.has(number)) ?? Infinity;
      exists = probes.findLast((number) => number < missing) ?? exists;
      if (missing === Infinity || missing - exists <= probeLength) return exists;
      probes = evenlySpread(exists, missing, segmentsPerCall - 1);
    }
  }
}

/** What `read` returns, or undefined if it throws DamagedLogError. */
function ifReadable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof DamagedLogError) return undefined;
    throw thrown;
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

/** The segment numbers before another one, at distances that double from `distance` on. */
export function doublingBack(from: number, distance: number): number[] {
  const numbers: number[] = [];
  for (let back = distance; from - back >= 1; back *= 2) numbers.push(from - back);
  return numbers;
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
