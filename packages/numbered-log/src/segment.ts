import { totalsSchema, type Totals } from '@unity-purchase/contracts';
import { asciiJson } from './ascii-json.js';
import { z } from 'zod';
import type { LogDefinition } from './log-definition.js';
import { addToTotals } from './totals.js';

/**
 * A part of a log, created once and rewritten by nothing but an erasure. Segments are numbered from 1 without gaps; `totals`
 * are those of the whole log up to and including this segment.
 */
export type Segment<Entry> = {
  number: number;
  recordedAt: string;
  /** Names the one attempt that created it, so that a writer whose answer was lost knows its own segment. */
  attempt: string;
  /** `null` stands where an entry was erased: all others keep their places. None at all mark an erasure, see `isErasure`. */
  entries: readonly (Entry | null)[];
  totals: Totals;
};

/** Whether a segment says that everything before it in its log was erased when it was recorded. Its totals begin anew. */
export function isErasure({ entries }: Segment<unknown>): boolean {
  return entries.length === 0;
}

/**
 * How large a segment may become on the wire. A page reads up to 120 segments in one call, and the sidecar passes 4 MiB.
 * One purchase of the largest size that its schema allows fits in.
 */
export const segmentBytesMax = 24 * 1024;

/** More entries than this do not share a segment: a reader of one of them reads all of them. */
export const segmentEntriesMax = 64;

/** The store returned something that no log ever wrote. */
export class DamagedLogError extends Error {
  override readonly name = 'DamagedLogError';
}

/** The size of a text once it stands, as a JSON string, in a request or an answer. */
export function wireBytes(text: string): number {
  return JSON.stringify(text).length;
}

/** The segment that adds entries to a log that ends as given. */
export function nextSegment<Entry>(
  definition: LogDefinition<Entry>,
  end: { end: number; totals: Totals },
  added: { attempt: string; recordedAt: string; entries: readonly Entry[] },
): Segment<Entry> {
  const totals = added.entries.reduce(
    (sum, entry) => addToTotals(sum, definition.amountOf(entry)),
    end.totals,
  );
  return { number: end.end + 1, ...added, totals };
}

export function encodeSegment<Entry>({ recordedAt, attempt, entries, totals }: Segment<Entry>): string {
  return asciiJson({ version: 1, recordedAt, attempt, entries, totals });
}

/** Makes the function that reads segments of a log. It throws DamagedLogError for a text that is none. */
export function segmentDecoder<Entry>(definition: LogDefinition<Entry>) {
  const schema = z.strictObject({
    version: z.literal(1),
    recordedAt: z.iso.datetime({ precision: 3 }),
    attempt: z.string(),
    entries: z.array(definition.schema.nullable()),
    totals: totalsSchema,
  });
  return (key: string, number: number, text: string): Segment<Entry> => {
    try {
      const { recordedAt, attempt, entries, totals } = schema.parse(JSON.parse(text));
      return { number, recordedAt, attempt, entries, totals };
    } catch (cause) {
      throw new DamagedLogError(`${key} is not a segment`, { cause });
    }
  };
}
