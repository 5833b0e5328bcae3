import { shopperKeyPattern } from '@unity-purchase/contracts';
import { InvalidCursorError } from '@unity-purchase/numbered-log';
import { z } from 'zod';

/**
 * The parts of what is stored about a shopper, in the order in which they are read. The history comes with its entries in the
 * journal. The last two are what version 0.1.0 stored without an index, of everyone.
 */
const parts = ['history', 'index', 'many', 'old-journal', 'old-dead-letters'] as const;

type Part = (typeof parts)[number];

const count = z.int().min(0);

const positionSchema = z.strictObject({
  shopper: z.string().regex(shopperKeyPattern),
  part: z.enum(parts),
  /** The shard of the journal, or 0. */
  shard: z.int().min(0),
  segment: z.int().min(1),
  /** How much came before. */
  counts: z.strictObject({ purchases: count, journalEntries: count, deadLetters: count }),
});

/** How far an export or an erasure has come. */
export type RecordsPosition = z.infer<typeof positionSchema>;

/** The start of everything about a shopper. */
export function startOfRecords(shopper: string): RecordsPosition {
  const counts = { purchases: 0, journalEntries: 0, deadLetters: 0 };
  return { shopper, part: 'history', shard: 0, segment: 1, counts };
}

/** Where a part is entered: at its start, in its middle, or not at all because it is complete. */
export function entryOf(
  part: Part,
  position: RecordsPosition,
): { shard: number; segment: number } | undefined {
  const behind = parts.indexOf(part) - parts.indexOf(position.part);
  if (behind < 0) return undefined;
  return behind === 0 ? position : { shard: 0, segment: 1 };
}

/** Encodes a position as text for clients, who treat it as opaque. */
export function encodePosition(position: RecordsPosition): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws InvalidCursorError if the cursor does not come from an export or an erasure of this shopper */
export function decodePosition(cursor: string, shopper: string): RecordsPosition {
  try {
    const position = positionSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    if (position.shopper === shopper) return position;
  } catch (cause) {
    throw new InvalidCursorError('the cursor is not one of an export or an erasure', { cause });
  }
  throw new InvalidCursorError('the cursor is one of another shopper');
}
