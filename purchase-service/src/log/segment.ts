import { totalsSchema, type Totals } from '@unity-purchase/contracts';
import { asciiJson } from '@unity-purchase/service-kit';
import { z } from 'zod';
import type { LogDefinition } from './log-definition.js';
import { addToTotals } from './totals.js';

/**
 * A part of a log, created once and never rewritten. Segments are numbered from 1 without gaps; `totals` are those of the
 * whole log up to and including this segment.
 */
export type Segment<Entry> = {
  number: number;
  recordedAt: string;
  entries: readonly Entry[];
  totals: Totals;
};

/**
 * How large a segment may become on the wire. A page reads up to 116 segments in one call, and the sidecar passes 4 MiB.
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

/** The segment that follows on a log with `before` as its totals. */
export function nextSegment<Entry>(
  definition: LogDefinition<Entry>,
  number: number,
  recordedAt: string,
  entries: readonly Entry[],
  before: Totals,
): Segment<Entry> {
  const totals = entries.reduce((sum, entry) => addToTotals(sum, definition.amountOf(entry)), before);
  return { number, recordedAt, entries, totals };
}

export function encodeSegment<Entry>({ recordedAt, entries, totals }: Segment<Entry>): string {
  return asciiJson({ version: 1, recordedAt, entries, totals });
}

/** Makes the function that reads segments of a log. It throws DamagedLogError for a text that is none. */
export function segmentDecoder<Entry>(definition: LogDefinition<Entry>) {
  const schema = z.strictObject({
    version: z.literal(1),
    recordedAt: z.iso.datetime({ precision: 3 }),
    entries: z.array(definition.schema).min(1),
    totals: totalsSchema,
  });
  return (key: string, number: number, text: string): Segment<Entry> => {
    try {
      const { recordedAt, entries, totals } = schema.parse(JSON.parse(text));
      return { number, recordedAt, entries, totals };
    } catch (cause) {
      throw new DamagedLogError(`${key} is not a segment`, { cause });
    }
  };
}
