import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { testDefinition } from '../test/fakes/test-logs.js';
import { DamagedLogError } from './log-errors.js';
import { encodeSegment, isErasure, segmentDecoder, type Segment } from './segment.js';

const segment: Segment<{ id: string; createdAtMs: number; text: string; amount: number }> = {
  number: 7,
  recordedAt: '2026-01-01T00:00:00.000Z',
  attempt: '2c5ea4c0-4067-41e9-8b6d-9b1deb4d3b7d',
  entries: [{ id: 'entry-1', createdAtMs: 1, text: 'Zoë 🙂\u0001', amount: 250 }, null],
  totals: { count: 9, sums: { EUR: 1250n } },
};

const encoded =
  '{"version":1,"recordedAt":"2026-01-01T00:00:00.000Z","attempt":"2c5ea4c0-4067-41e9-8b6d-9b1deb4d3b7d",' +
  '"entries":[{"id":"entry-1","createdAtMs":1,"text":"Zo\\u00eb \\ud83d\\ude42\\u0001","amount":250},null],' +
  '"totals":{"count":9,"sums":{"EUR":1250}}}';

describe('a segment', () => {
  const decode = segmentDecoder(testDefinition);

  test('is encoded byte for byte as in stores that already exist', () => {
    expect(encodeSegment(segment)).toBe(encoded);
  });

  test('decodes to what was encoded', () => {
    expect(decode('diary:7', 7, encoded)).toEqual(segment);
  });

  test.each([
    ['9007199254740991', 9_007_199_254_740_991n],
    ['"9007199254740992"', 9_007_199_254_740_992n],
    ['"123456789012345678901234567890"', 123_456_789_012_345_678_901_234_567_890n],
  ])('stores a sum of %s, exactly', (stored, sum) => {
    const large = { ...segment, totals: { count: 9, sums: { EUR: sum } } };
    const text = encoded.replace('{"EUR":1250}', `{"EUR":${stored}}`);
    expect(encodeSegment(large)).toBe(text);
    expect(decode('diary:7', 7, text)).toEqual(large);
  });

  test.each([
    ['9007199254740994', 9_007_199_254_740_994n],
    ['1e+22', 10_000_000_000_000_000_000_000n],
  ])('with a sum of %s, as the first version stored it, is read', (stored, sum) => {
    const text = encoded.replace('{"EUR":1250}', `{"EUR":${stored}}`);
    expect(decode('diary:7', 7, text).totals.sums).toEqual({ EUR: sum });
  });

  test.each(['"12"', '"0123456789012345678"', '"9e99"', '1.5', '-1'])(
    'with a sum of %s is damaged',
    (stored) => {
      const text = encoded.replace('{"EUR":1250}', `{"EUR":${stored}}`);
      expect(() => decode('diary:7', 7, text)).toThrow(DamagedLogError);
    },
  );

  test('without entries marks an erasure', () => {
    expect(isErasure({ ...segment, entries: [] })).toBe(true);
    expect(isErasure({ ...segment, entries: [null] })).toBe(false);
  });

  test.each([
    ['no JSON', 'nonsense'],
    ['another version', encoded.replace('"version":1', '"version":2')],
    ['an unknown member', encoded.replace('{"version"', '{"more":1,"version"')],
    ['an entry of another kind', encoded.replace('"amount":250', '"amount":"250"')],
    ['negative totals', encoded.replace('"count":9', '"count":-9')],
  ])('with %s is damaged', (_what, text) => {
    expect(() => decode('diary:7', 7, text)).toThrow(DamagedLogError);
  });

  test('with a sum in a unit that the log does not know is damaged', () => {
    const inEuro = segmentDecoder({ ...testDefinition, unitSchema: z.string().regex(/^EUR$/) });
    expect(inEuro('diary:7', 7, encoded)).toEqual(segment);
    const inShells = encoded.replace('{"EUR":1250}', '{"shells":1250}');
    expect(() => inEuro('diary:7', 7, inShells)).toThrow(DamagedLogError);
  });
});
