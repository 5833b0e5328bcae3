import { AppError } from '@unity-purchase/service-kit';
import { UnknownPlaceError, type Place } from './log-page.js';

/** A cursor is opaque to callers; to us it is the places where reading goes on, one for each log that is read. */
const placePattern = /^(\d{1,12})\.(\d{1,4})$/;

/** What a caller is told whose cursor did not come from a page of this list. */
function invalidCursor(): AppError {
  return new AppError('invalid-cursor', 400, 'The cursor is not one that a page of this list gave.', {
    problems: [{ path: 'cursor', message: 'must be the "next" of a page' }],
  });
}

export function writePlaces(places: readonly Place[]): string {
  return Buffer.from(places.map(({ segment, index }) => `${segment}.${index}`).join(' ')).toString(
    'base64url',
  );
}

/** @throws AppError 400 if the cursor does not hold this many places. */
export function readPlaces(cursor: string, count: number): Place[] {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const places = text.split(' ').map((part) => placePattern.exec(part));
  if (places.length !== count || Buffer.from(text, 'latin1').toString('base64url') !== cursor)
    throw invalidCursor();
  return places.map((match) => {
    if (match === null) throw invalidCursor();
    return { segment: Number(match[1]), index: Number(match[2]) };
  });
}

export function writePlace(place: Place): string {
  return writePlaces([place]);
}

/** @throws AppError 400 if the cursor does not hold one place. */
export function readPlace(cursor: string): Place {
  const [place] = readPlaces(cursor, 1);
  if (place === undefined || place.segment < 1) throw invalidCursor();
  return place;
}

/** Reads on from a cursor. @throws AppError 400 if the cursor names a place that the log does not have. */
export async function fromCursor<Page>(read: () => Promise<Page>): Promise<Page> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof UnknownPlaceError) throw invalidCursor();
    throw thrown;
  }
}
