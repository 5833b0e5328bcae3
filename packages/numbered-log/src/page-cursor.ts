import { AppError } from '@unity-purchase/service-kit';
import { UnknownPlaceError, type From, type Place } from './log-page.js';

/** A cursor is opaque to callers; to us it is the places where reading goes on, one for each log that is read. */
const placePattern = /^(\d{1,12})\.(\d{1,4})$/;

/** Stands before a place from which reading goes on towards newer entries. */
const newerMark = '>';

/** What a caller is told whose cursor did not come from a page of this list. */
export function invalidCursor(): AppError {
  return new AppError('invalid-cursor', {
    problems: [{ path: 'cursor', message: 'must be the "next" or "previous" of a page' }],
  });
}

export function writePlaces(places: readonly Place[]): string {
  return encode(textOf(places));
}

/** @throws AppError 400 if the cursor does not hold this many places. */
export function readPlaces(cursor: string, count: number): Place[] {
  return placesOf(decode(cursor), count);
}

export function writePlace(place: Place): string {
  return writePlaces([place]);
}

/** @throws AppError 400 if the cursor does not hold one place. */
export function readPlace(cursor: string): Place {
  return placeOf(decode(cursor));
}

/** Where a list that is read towards older entries only goes on. @throws AppError 400 if the cursor does not hold one place. */
export function readOlder(cursor: string | undefined): From | undefined {
  return cursor === undefined ? undefined : { place: readPlace(cursor), towards: 'older' };
}

/** The cursor of a list that is read both ways. Towards older entries it is what `writePlace` makes. */
export function writeFrom({ place, towards }: From): string {
  return encode(`${towards === 'newer' ? newerMark : ''}${textOf([place])}`);
}

/** @throws AppError 400 if the cursor does not hold one place, with or without a direction. */
export function readFrom(cursor: string): From {
  const text = decode(cursor);
  return text.startsWith(newerMark)
    ? { place: placeOf(text.slice(newerMark.length)), towards: 'newer' }
    : { place: placeOf(text), towards: 'older' };
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

function encode(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64url');
}

function decode(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  if (encode(text) !== cursor) throw invalidCursor();
  return text;
}

function textOf(places: readonly Place[]): string {
  return places.map(({ segment, index }) => `${segment}.${index}`).join(' ');
}

function placesOf(text: string, count: number): Place[] {
  const places = text.split(' ').map((part) => placePattern.exec(part));
  if (places.length !== count) throw invalidCursor();
  return places.map((match) => {
    if (match === null) throw invalidCursor();
    return { segment: Number(match[1]), index: Number(match[2]) };
  });
}

function placeOf(text: string): Place {
  const [place] = placesOf(text, 1);
  if (place === undefined || place.segment < 1) throw invalidCursor();
  return place;
}
