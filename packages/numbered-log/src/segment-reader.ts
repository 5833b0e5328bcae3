import { z } from 'zod';
import type { LogDefinition } from './log-definition.js';
import type { LogStore } from './log-store.js';
import { DamagedLogError, segmentDecoder, type Segment } from './segment.js';

/** Every so many segments the log's end is noted down, so that nobody has to look for it from the beginning. */
export const hintInterval = 16;

/** One more than lie between two hints: the probe after a fresh hint always sees the end. */
const probeLength = hintInterval + 1;

/** Where a hint is stale (its save failed, or a slower writer's came later), probes double up to this. */
const probeLengthMax = 64;

const hintSchema = z.strictObject({ segment: z.int().min(1) });

/**
 * The end of a log as one read saw it, with the segments that the read brought along; those from `first` to the end are
 * there without a gap.
 */
export type Tail<Entry> = { number: number; first: number; segments: Map<number, Segment<Entry>> };

/** Reads one log, in calls of a bounded size. */
export class SegmentReader<Entry> {
  readonly #store: LogStore;
  readonly #log: string;
  readonly #decode: (key: string, number: number, text: string) => Segment<Entry>;

  constructor(store: LogStore, log: string, definition: LogDefinition<Entry>) {
    this.#store = store;
    this.#log = log;
    this.#decode = segmentDecoder(definition);
  }

  keyOf(number: number): string {
    return `${this.#log}:${number}`;
  }

  /** Reads the segments with these numbers in one call; those that are not there are missing from the result. */
  async read(numbers: Iterable<number>): Promise<Map<number, Segment<Entry>>> {
    const wanted = [...new Set(numbers)];
    return this.#decodeAll(wanted, await this.#store.getBulk(wanted.map((number) => this.keyOf(number))));
  }

  #decodeAll(numbers: readonly number[], texts: ReadonlyMap<string, string>): Map<number, Segment<Entry>> {
    const segments = new Map<number, Segment<Entry>>();
    for (const number of numbers) {
      const key = this.keyOf(number);
      const text = texts.get(key);
      if (text !== undefined) segments.set(number, this.#decode(key, number, text));
    }
    return segments;
  }

  /** A segment number at or before the end, or 0: a place to look for the end from. */
  async readHint(): Promise<number> {
    return this.#decodeHint((await this.#store.getBulk([this.#log])).get(this.#log));
  }

  /**
   * Finds the end of a log that nothing is known of: in one call where the log is short, as most are, because it reads the
   * hint and the beginning together; in one more where it is not.
   */
  async findEnd(): Promise<Tail<Entry>> {
    const beginning = range(1, probeLength);
    const texts = await this.#store.getBulk([this.#log, ...beginning.map((number) => this.keyOf(number))]);
    const hint = this.#decodeHint(texts.get(this.#log));
    const segments = this.#decodeAll(beginning, texts);
    const end = lastInRow(segments, 0);
    if (hint > end || end === probeLength) return this.findTail(Math.max(hint, end), 1);
    return { number: end, first: firstInRow(segments, end), segments };
  }

  #decodeHint(text: string | undefined): number {
    if (text === undefined) return 0;
    try {
      return hintSchema.parse(JSON.parse(text)).segment;
    } catch (cause) {
      throw new DamagedLogError(`${this.#log} is not a hint`, { cause });
    }
  }

  /** Notes the log's end down for readers to come. It may be lost or overtaken: a hint is never more than a hint. */
  async writeHint(segment: number): Promise<void> {
    await this.#store.save(this.#log, JSON.stringify({ segment }));
  }

  /**
   * Finds the end at or after `hint`, and brings along, in the same call, `before` segments up to the hint and those
   * numbered in `also`. One call if the hint is fresh; one that is far behind is exchanged for what was noted down since.
   *
   * A read of many keys is not one moment: a segment may be missing while a later one, created meanwhile, is there.
   * What follows a missing one is ignored.
   */
  async findTail(hint: number, before: number, also: readonly number[] = []): Promise<Tail<Entry>> {
    const probed = hint + probeLength;
    const segments = await this.read(new Set([...range(hint - before + 1, probed), ...also]));
    if (hint > 0 && !segments.has(hint)) throw new DamagedLogError(`${this.keyOf(hint)} is missing`);
    let end = lastInRow(segments, hint);
    if (end >= probed) {
      const noted = await this.readHint();
      if (noted > end) return this.findTail(noted, before, also);
    }
    for (let [length, read] = [probeLength, probed]; end >= read; end = lastInRow(segments, end)) {
      length = Math.min(length * 2, probeLengthMax);
      read = end + length;
      for (const [number, segment] of await this.read(range(end + 1, read))) segments.set(number, segment);
    }
    return { number: end, first: firstInRow(segments, end), segments };
  }
}

/** The whole numbers from `from` (1 at least) to `to`. */
export function range(from: number, to: number): number[] {
  const first = Math.max(1, from);
  return Array.from({ length: Math.max(0, to - first + 1) }, (_, index) => first + index);
}

function lastInRow(segments: ReadonlyMap<number, unknown>, start: number): number {
  let last = start;
  while (segments.has(last + 1)) last += 1;
  return last;
}

function firstInRow(segments: ReadonlyMap<number, unknown>, end: number): number {
  let first = end;
  while (segments.has(first - 1)) first -= 1;
  return first;
}
