import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { operatorHeaderSchema } from './operator-api.js';
import { lineOfText } from './text.js';

describe('the header that names an operator', () => {
  test('brings any line of text as it was', () => {
    const names = fc
      .string({ unit: 'binary', maxLength: 210 })
      .filter((name) => lineOfText(200).safeParse(name).success);
    fc.assert(
      fc.property(names, (name) => {
        expect(operatorHeaderSchema.parse(encodeURIComponent(name))).toBe(name);
      }),
    );
  });

  test.each([
    ['is empty', ''],
    ['is not encoded', 'Zoë'],
    ['is two', 'ada, bob'],
    ['breaks off', 'ada%2'],
    ['is no UTF-8', '%ff'],
    ['is half a character', '%ED%A0%80'],
    ['has a line break in it', 'ada%0Abob'],
    ['is too long', encodeURIComponent('é'.repeat(201))],
  ])('is refused where it %s', (_what, value) => {
    expect(operatorHeaderSchema.safeParse(value).success).toBe(false);
  });
});
