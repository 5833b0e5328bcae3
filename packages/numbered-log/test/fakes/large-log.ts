import { MemoryLogStore } from '../../src/testing/memory-log-store.js';
import type { ReadOptions } from '../../src/log-store.js';
import { hintInterval } from '../../src/segment-reader.js';
import { encodeSegment } from '../../src/segment.js';
import { anEntry, log } from './test-logs.js';

const attempt = '2c5ea4c0-4067-41e9-8b6d-9b1deb4d3b7d/0/0';

/** When each segment of a log was recorded, in milliseconds since the epoch. The numbers begin at 1. */
export type LogTimes = {
  length: number;
  recordedMsOf: (number: number) => number;
  /** The text of each entry, if it matters. */
  textOf?: (number: number) => string;
  /** The running counts of the kinds of entries, if the log has them. */
  kindsOf?: (number: number) => Record<string, number> | undefined;
};

/** A store with a log that is too large to be kept: its segments, with one entry each, are made when they are read. */
export class LargeLogStore extends MemoryLogStore {
  readonly #times: LogTimes;

  constructor(times: LogTimes) {
    super();
    this.#times = times;
    this.loseHints(0);
  }

  /** Leaves the tail hint as it is after this many hints in a row were lost. */
  loseHints(count: number): void {
    const { length } = this.#times;
    const segment = length - (length % hintInterval) - count * hintInterval;
    this.values.set(log, JSON.stringify({ segment }));
  }

  override async getBulk(keys: readonly string[], options: ReadOptions = {}): Promise<Map<string, string>> {
    const found = await super.getBulk(keys, options);
    for (const key of keys) {
      const text = found.has(key) ? undefined : this.#earlier(key);
      if (text !== undefined) found.set(key, text);
    }
    return found;
  }

  #earlier(key: string): string | undefined {
    const number = key.startsWith(`${log}:`) ? Number(key.slice(log.length + 1)) : NaN;
    if (!(number >= 1 && number <= this.#times.length)) return undefined;
    const { recordedMsOf, textOf, kindsOf } = this.#times;
    const createdAtMs = recordedMsOf(number);
    const text = textOf?.(number);
    return encodeSegment({
      number,
      recordedAt: new Date(createdAtMs).toISOString(),
      attempt,
      entries: [anEntry({ createdAtMs, id: `earlier-${number}`, ...(text === undefined ? {} : { text }) })],
      totals: { count: number, sums: { EUR: BigInt(number * 100) }, kinds: kindsOf?.(number) },
    });
  }
}
