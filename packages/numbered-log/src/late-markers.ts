import { z } from 'zod';
import { LogUnavailableError } from './log-errors.js';
import type { LogStore } from './log-store.js';
import { storedValue } from './stored-value.js';

/**
 * How long before and after the creation of its id an entry can be recorded without a marker. It covers the usual delays, and
 * clocks that differ by ten minutes.
 */
const onTimeMs = 20 * 60 * 1000;

/**
 * How much earlier than an id the search for its entry starts: the time above, and the ten minutes by which times in a log
 * may decrease where an older version wrote it.
 */
export const searchedBeforeMs = onTimeMs + 10 * 60 * 1000;

/** How much later than an id the search for its entry ends, or at the last irregular segment if that is later. */
export const searchedAfterMs = onTimeMs;

/** A writer that remembers this much reads nothing for an entry that is recorded on time. */
export const onTimeMemoryMs = onTimeMs + searchedBeforeMs;

/**
 * How far behind its marker an entry can be, in segments. A writer that loses more races for a number than this moves the
 * marker before it continues.
 */
const spanMax = 16;

/** Whether an entry needs a marker if it is recorded at a time. Both times are in milliseconds since the epoch. */
export function isLate(createdAtMs: number | undefined, recordedMs: number): boolean {
  return createdAtMs === undefined || Math.abs(recordedMs - createdAtMs) > onTimeMs;
}

/** The first and the last segment in which the entry of a marker can be. */
export function markedRange(marker: number): { first: number; last: number } {
  return { first: marker, last: marker + spanMax };
}

const readMarker = storedValue(z.strictObject({ version: z.literal(1), segment: z.int().min(1) }));

/**
 * The markers of one log: where to look for an entry that was not recorded around the time in its id.
 *
 * A writer creates the marker before the entry, with the number of the segment that it is going to create. If it dies in
 * between, the marker stays behind without an entry; the next writer moves it. At every moment, the entry is in the range of
 * its marker or nowhere:
 *
 * - No writer creates a segment beyond the range of a marker that it has read.
 * - A marker moves only towards the end of the log, and only after all segments before its new place exist without the entry.
 *   So another writer that still relies on the old place can only create a segment at or after the new one.
 *
 * If the store has lost the end of the log, a marker can be beyond it. It then moves back to the entry's segment, which has been
 * created before.
 */
export class LateMarkers {
  readonly #store: LogStore;
  readonly #log: string;

  constructor(store: LogStore, log: string) {
    this.#store = store;
    this.#log = log;
  }

  /** The key of an entry's marker. */
  keyOf(id: string): string {
    return `late:${this.#log}:${id}`;
  }

  /** The marker of an entry among values that were read from the store, if it exists. */
  markerIn(values: ReadonlyMap<string, string>, id: string): number | undefined {
    return readMarker(values, this.keyOf(id))?.segment;
  }

  /** Reads the markers of entries, in one call. */
  async read(ids: readonly string[], signal?: AbortSignal): Promise<Map<string, number>> {
    if (ids.length === 0) return new Map();
    const values = await this.#store.getBulk(
      ids.map((id) => this.keyOf(id)),
      { signal },
    );
    return new Map(
      ids.flatMap((id) => {
        const marker = this.markerIn(values, id);
        return marker === undefined ? [] : [[id, marker] as const];
      }),
    );
  }

  /**
   * Creates the marker of an entry for a segment, or moves it there if the segment is beyond its range. Call it only if the
   * entry is in no segment before that one. `known` is the marker as it was read, if it existed. Returns where the marker is.
   *
   * @throws the store's error, or LogUnavailableError if the marker could not be created
   */
  async place(id: string, segment: number, known: number | undefined): Promise<number> {
    const marker = known ?? (await this.#create(id, segment));
    if (segment <= markedRange(marker).last) return marker;
    const key = this.keyOf(id);
    await this.#store.update(key, (text) => {
      const current = readMarker(new Map([[key, text]]), key)?.segment ?? 0;
      return current >= segment ? undefined : encode(segment);
    });
    return segment;
  }

  /** Moves the marker of an entry that is in a segment back to it, if the marker is beyond it. @throws the store's error */
  async moveBack(id: string, segment: number): Promise<void> {
    const key = this.keyOf(id);
    await this.#store.update(key, (text) => {
      const current = readMarker(new Map([[key, text]]), key)?.segment ?? 0;
      return current <= segment ? undefined : encode(segment);
    });
  }

  /** Creates a marker. Returns where it is: another writer may have created it before. */
  async #create(id: string, segment: number): Promise<number> {
    const result = await this.#store.createIfAbsent(this.keyOf(id), encode(segment));
    if (result.created) return segment;
    const existing = (await this.read([id])).get(id);
    if (existing === undefined)
      throw new LogUnavailableError('a late marker was not created', { cause: result.cause });
    return existing;
  }

  /** Removes the marker of an entry that is never recorded again. */
  async remove(id: string): Promise<void> {
    await this.#store.delete(this.keyOf(id));
  }
}

function encode(segment: number): string {
  return JSON.stringify({ version: 1, segment });
}
