import { describe, expect, test } from '@jest/globals';
import { AppError } from '@unity-purchase/service-kit';
import fc from 'fast-check';
import { readPlaces, writePlaces } from './page-cursor.js';

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
      }),
    );
  });
});
