import { describe, expect, test } from '@jest/globals';
import { AppError } from '@unity-purchase/service-kit';
import fc from 'fast-check';
import { readFrom, readPlace, readPlaces, writeFrom, writePlace, writePlaces } from './page-cursor.js';

const places = fc.array(
  fc.record({
    segment: fc.integer({ min: 0, max: 999_999_999_999 }),
    index: fc.integer({ min: 0, max: 9_999 }),
  }),
  { minLength: 1, maxLength: 16 },
);

describe('a cursor', () => {
  test('says where reading goes on', () => {
    fc.assert(
      fc.property(places, (some) => {
        expect(readPlaces(writePlaces(some), some.length)).toEqual(some);
      }),
    );
  });

  test('of a list that is read both ways says which way, and one without a direction goes to what is older', () => {
    const place = fc.record({ segment: fc.integer({ min: 1, max: 999 }), index: fc.nat(99) });
    fc.assert(
      fc.property(place, fc.constantFrom('older' as const, 'newer' as const), (one, towards) => {
        const cursor = writeFrom({ place: one, towards });
        expect(readFrom(cursor)).toEqual({ place: one, towards });
        if (towards === 'newer') expect(() => readPlace(cursor)).toThrow(AppError);
        else expect(cursor).toBe(writePlace(one));
      }),
    );
  });

  test('of another list is refused', () => {
    fc.assert(
      fc.property(places, (some) => {
        expect(() => readPlaces(writePlaces(some), some.length + 1)).toThrow(AppError);
      }),
    );
  });

  test('that no page gave is refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
        expect(() => readPlaces(text, 1)).toThrow(AppError);
        expect(() => readFrom(text)).toThrow(AppError);
      }),
    );
  });
});
