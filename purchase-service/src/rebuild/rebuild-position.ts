import { InvalidCursorError } from '@unity-purchase/numbered-log';
import { z } from 'zod';
import { journalPlaceSchema } from '../purchases/journal-place.js';
import { noCounts } from './rebuild-options.js';

const count = z.int().min(0);

const positionSchema = z.strictObject({
  target: z.enum(['history', 'journal']),
  ...journalPlaceSchema.shape,
  counts: z.strictObject({
    entries: count,
    shoppers: count,
    recent: count,
    differences: count,
    repaired: count,
  }),
});

/** How far a comparison of the journal's entries has come. */
export type RebuildPosition = z.infer<typeof positionSchema>;

export function startOfRebuild(target: RebuildPosition['target']): RebuildPosition {
  return { target, shard: 0, segment: 1, counts: noCounts() };
}

/** Encodes a position as text for clients, who treat it as opaque. */
export function encodeRebuildPosition(position: RebuildPosition): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws InvalidCursorError if the cursor does not come from a comparison of this target */
export function decodeRebuildPosition(cursor: string, target: RebuildPosition['target']): RebuildPosition {
  try {
    const position = positionSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    if (position.target === target) return position;
  } catch (cause) {
    throw new InvalidCursorError('the cursor is not one of a comparison', { cause });
  }
  throw new InvalidCursorError('the cursor is one of another comparison');
}
