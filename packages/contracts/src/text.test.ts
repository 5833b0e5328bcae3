import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { visibleLine } from './text.js';

const read = (value: string) => visibleLine(100).safeParse(value);

describe('visibleLine', () => {
  test.each([
    ['composes characters', 'Zoe\u0308', 'Zoë'],
    ['removes spaces around', ' \u00a0Ada\u2003 ', 'Ada'],
    ['removes an override of the direction', 'Ada\u202elevoL', 'AdalevoL'],
    ['removes marks and isolates of the direction', '\u2067\u200fAda\u2069\u061c', 'Ada'],
    ['removes what has no width', 'A\u00add\u200ba\u2060\ufeff', 'Ada'],
    ['keeps the joiners of emoji', '👩\u200d🚀\ufe0f', '👩\u200d🚀\ufe0f'],
    ['keeps the joiners of scripts', '\u0915\u094d\u200d\u0937', '\u0915\u094d\u200d\u0937'],
    ['keeps another script', 'עדה לאבלייס', 'עדה לאבלייס'],
  ])('%s', (_what, value, kept) => {
    expect(read(value).data).toBe(kept);
  });

  test.each([
    ['nothing', ''],
    ['only spaces', ' \u2003\u00a0'],
    ['only characters without a width', '\u200b\u200d\ufeff'],
    ['only fillers that count as letters', '\u3164\u115f\uffa0'],
    ['only the blank Braille pattern', '\u2800\u2800'],
    ['only tags and variation selectors', '\u{e0041}\ufe0f'],
    ['only a combining mark', '\u0301'],
    ['only controls of the direction', '\u202e\u2066'],
  ])('refuses %s as empty', (_what, value) => {
    expect(read(value).error?.issues[0]?.code).toBe('too_small');
  });

  test.each([
    ['a control character', 'A\u0007da'],
    ['a line break', 'Ada\nLovelace'],
    ['a line separator', 'Ada\u2028Lovelace'],
    ['half of a surrogate pair', 'Ada\ud83d'],
    ['101 characters', 'a'.repeat(101)],
  ])('refuses %s', (_what, value) => {
    expect(read(value).success).toBe(false);
  });

  test('leaves what it has accepted unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (value) => {
        const kept = read(value);
        if (kept.success) expect(read(kept.data).data).toBe(kept.data);
      }),
    );
  });
});
