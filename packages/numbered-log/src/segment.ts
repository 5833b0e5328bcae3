import { z } from 'zod';
import { asciiJson } from './ascii-json.js';
import type { LogDefinition } from './log-definition.js';
import { DamagedLogError } from './log-errors.js';
import { addToTotals, runningTotalsSchema, sumsAsJson, type RunningTotals } from './running-totals.js';

/**
 * One stored document of a log. Segments are numbered from 1 without gaps. Only erasures and repairs rewrite
 * them.
 */
export type Segment<Entry> = {
  number: number;
  recordedAt: string;
  /**
   * The id of the attempt that created the segment. A writer whose response was lost recognises its own segment by it. It also
   * carries the segment's lineage.
   */
  attempt: string;
  /** An erased entry is `null`, so that all others keep their index. A segment without entries marks an erasure. */
  entries: readonly (Entry | null)[];
  /** The running totals of the log up to and including this segment. */
  totals: RunningTotals;
};

/** Whether a segment marks the erasure of everything before it. The running totals start again from there. */
export function isErasure({ entries }: Segment<unknown>): boolean {
  return entries.length === 0;
}

/**
 * Upper bound for a segment's size on the wire, in bytes. A page reads up to 120 segments in one call, and a sidecar passes
 * at most 4 MiB. An entry may be this large by itself.
 */
export const segmentBytesMax = 24 * 1024;

/** Upper bound for the entries of a segment, because reading one of them reads all of them. */
export const segmentEntriesMax = 64;

/** The size of a text as a JSON string in a request or response, in bytes. */
export function wireBytes(text: string): number {
  return JSON.stringify(text).length;
}

/** The segment that appends entries after the given tail. */
export function nextSegment<Entry>(
  definition: LogDefinition<Entry>,
  tail: { lastNumber: number; totals: RunningTotals },
  added: { attempt: string; recordedAt: string; entries: readonly Entry[] },
): Segment<Entry> {
  const totals = added.entries.reduce(
    (sum, entry) => addToTotals(sum, definition.amountOf(entry), definition.kindOf?.(entry)),
    tail.totals,
  );
  return { number: tail.lastNumber + 1, ...added, totals };
}

/** Whether a segment was recorded before a time, in milliseconds since the epoch. */
export function isRecordedBefore({ recordedAt }: Segment<unknown>, timeMs: number): boolean {
  return Date.parse(recordedAt) < timeMs;
}

/** The segment with a number. @throws DamagedLogError if it is missing, because numbers have no gaps */
export function requireSegment<Entry>(
  segments: ReadonlyMap<number, Segment<Entry>>,
  number: number,
): Segment<Entry> {
  const segment = segments.get(number);
  if (segment === undefined) throw new DamagedLogError(`segment ${number} is missing`);
  return segment;
}

export function encodeSegment<Entry>({ recordedAt, attempt, entries, totals }: Segment<Entry>): string {
  const { count, sums, kinds } = totals;
  return asciiJson({
    version: 1,
    recordedAt,
    attempt,
    entries,
    totals: { count, sums: sumsAsJson(sums), ...(kinds === undefined ? {} : { kinds }) },
  });
}

/** Decodes a segment from its key, number and text. @throws DamagedLogError for any other text */
export type SegmentDecoder<Entry> = (key: string, number: number, text: string) => Segment<Entry>;

const decoders = new WeakMap<object, unknown>();

/** The decoder of a definition's segments. Creating one takes longer than decoding many segments, so a definition has only one. */
export function segmentDecoder<Entry>(definition: LogDefinition<Entry>): SegmentDecoder<Entry> {
  const known = decoders.get(definition) as SegmentDecoder<Entry> | undefined;
  if (known !== undefined) return known;
  const decoder = createDecoder(definition);
  decoders.set(definition, decoder);
  return decoder;
}

function createDecoder<Entry>(definition: LogDefinition<Entry>): SegmentDecoder<Entry> {
  const schema = z.strictObject({
    version: z.literal(1),
    recordedAt: z.iso.datetime({ precision: 3 }),
    attempt: z.string(),
    entries: z.array(definition.schema.nullable()),
    totals: runningTotalsSchema(definition.unitSchema ?? z.string()),
  });
  return (key, number, text) => {
    try {
      const { recordedAt, attempt, entries, totals } = schema.parse(JSON.parse(text));
      return { number, recordedAt, attempt, entries, totals };
    } catch (cause) {
      throw new DamagedLogError(`${key} is not a segment`, { cause });
    }
  };
}
