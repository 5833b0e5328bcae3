import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeCursor, encodeCursor } from './cursor.js';
import { InvalidCursorError } from './log-errors.js';

const positions = fc.array(
  fc.record({
    segment: fc.integer({ min: 1, max: 999_999_999_999 }),
    index: fc.integer({ min: 0, max: 9_999 }),
  }),
  { minLength: 1, maxLength: 16 },
);
const directions = ['older', 'newer'] as const;

describe('a cursor', () => {
  test('decodes to the positions and the direction it was encoded from', () => {
    fc.assert(
      fc.property(positions, fc.constantFrom(...directions), (some, direction) => {
        const cursor = encodeCursor(some, direction);
        expect(decodeCursor(cursor, some.length, directions)).toEqual(
          some.map((position) => ({ position, direction })),
        );
      }),
    );
  });

  test.each([
    ['MTIuMw', '12.3', [{ segment: 12, index: 3 }], 'older'],
    ['PjEyLjM', '>12.3', [{ segment: 12, index: 3 }], 'newer'],
    [
      'MC4wIDcuMQ',
      '0.0 7.1',
      [
        { segment: 0, index: 0 },
        { segment: 7, index: 1 },
      ],
      'older',
    ],
  ] as const)(
    'is %s for "%s", as in the cursors that clients already have',
    (cursor, text, some, direction) => {
      expect(Buffer.from(cursor, 'base64url').toString('latin1')).toBe(text);
      expect(encodeCursor(some, direction)).toBe(cursor);
      expect(decodeCursor(cursor, some.length, directions)).toEqual(
        some.map((position) => ({ position, direction })),
      );
    },
  );

  test('is refused in the direction that its list does not have', () => {
    fc.assert(
      fc.property(positions, (some) => {
        expect(() => decodeCursor(encodeCursor(some, 'newer'), some.length)).toThrow(InvalidCursorError);
      }),
    );
  });

  test('is refused by a list of another number of logs', () => {
    fc.assert(
      fc.property(positions, fc.constantFrom(...directions), (some, direction) => {
        const cursor = encodeCursor(some, direction);
        expect(() => decodeCursor(cursor, some.length + 1, directions)).toThrow(InvalidCursorError);
      }),
    );
  });

  test('is refused before the first segment of a single log', () => {
    const start = encodeCursor([{ segment: 0, index: 0 }], 'older');
    expect(() => decodeCursor(start, 1)).toThrow(InvalidCursorError);
  });

  test('is refused if no page returned it, whatever the text is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
        expect(() => decodeCursor(text, 1)).toThrow(InvalidCursorError);
        expect(() => decodeCursor(text, 1, directions)).toThrow(InvalidCursorError);
      }),
    );
  });

  test('is optional: without one, reading starts at the newest entry', () => {
    expect(decodeCursor(undefined, 16)).toEqual([]);
  });
});
