import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { operatorHeaderSchema } from './operator-api.js';
import { visibleLine } from './text.js';

describe('operatorHeaderSchema', () => {
  test('decodes any visible line of text', () => {
    const names = fc
      .string({ unit: 'binary', maxLength: 210 })
      .filter((name) => visibleLine(200).safeParse(name).data === name);
    fc.assert(
      fc.property(names, (name) => {
        expect(operatorHeaderSchema.parse(encodeURIComponent(name))).toBe(name);
      }),
    );
  });

  test.each([
    ['is empty', ''],
    ['is not encoded', 'Zoë'],
    ['has two values', 'ada, bob'],
    ['ends within an escape', 'ada%2'],
    ['is not UTF-8', '%ff'],
    ['is half of a character', '%ED%A0%80'],
    ['contains a line break', 'ada%0Abob'],
    ['shows nothing', encodeURIComponent('\u3164\u200b')],
    ['is too long', encodeURIComponent('é'.repeat(201))],
  ])('refuses a header that %s', (_what, value) => {
    expect(operatorHeaderSchema.safeParse(value).success).toBe(false);
  });
});
