import { InvalidCursorError } from './log-errors.js';
import type { Direction, Position, ReadFrom } from './log-page.js';

/** The text of one position in a cursor: segment number and index. */
const positionPattern = /^(\d{1,12})\.(\d{1,4})$/;

/** The first character of a cursor towards newer entries. */
const newerMark = '>';

/** Encodes where a list continues: one position for each log it reads, and the direction. Clients treat the text as opaque. */
export function encodeCursor(positions: readonly Position[], direction: Direction): string {
  const text = positions.map(({ segment, index }) => `${segment}.${index}`).join(' ');
  return encode(direction === 'newer' ? newerMark + text : text);
}

/**
 * Decodes where a list of `logs` logs continues, one `ReadFrom` for each log. Without a cursor the result is empty: reading
 * starts at the newest entry.
 *
 * @throws InvalidCursorError if the cursor has another number of positions or a direction that is not in `directions`
 */
export function decodeCursor(
  cursor: string | undefined,
  logs: number,
  directions: readonly Direction[] = ['older'],
): ReadFrom[] {
  if (cursor === undefined) return [];
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const direction = text.startsWith(newerMark) ? 'newer' : 'older';
  const parts = text.slice(direction === 'newer' ? newerMark.length : 0).split(' ');
  if (encode(text) !== cursor || parts.length !== logs || !directions.includes(direction))
    throw new InvalidCursorError('the cursor does not belong to this list');
  // Only a list of several logs contains the start of an empty one.
  const firstSegment = logs === 1 ? 1 : 0;
  return parts.map((part) => {
    const [, segment, index] = positionPattern.exec(part) ?? [];
    if (segment === undefined || Number(segment) < firstSegment)
      throw new InvalidCursorError('the cursor contains an invalid position');
    return { position: { segment: Number(segment), index: Number(index) }, direction };
  });
}

function encode(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64url');
}
