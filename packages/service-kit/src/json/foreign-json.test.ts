import { describe, expect, test } from '@jest/globals';
import { isNestedTooDeeply, jsonDepthMax, jsonStringsIn, readForeignJson } from './foreign-json.js';

const nested = (levels: number, inside = '') =>
  `${'[{"a":'.repeat(levels / 2)}1${inside}${'}]'.repeat(levels / 2)}`;

describe('readForeignJson', () => {
  test('returns the value of JSON', () => {
    expect(readForeignJson(Buffer.from('{"a":[1,"\\"[{"]}'))).toEqual({ value: { a: [1, '"[{'] } });
    expect(readForeignJson(Buffer.from(nested(jsonDepthMax)))).toHaveProperty('value');
  });

  test.each<[reason: string, bytes: Buffer]>([
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['not JSON', Buffer.from('')],
    ['not JSON', Buffer.from('{"half":')],
    ['nested too deeply', Buffer.from(nested(jsonDepthMax + 2))],
    ['nested too deeply', Buffer.from('['.repeat(2_000_000))],
  ])('says that bytes are %s', (reason, bytes) => {
    expect(readForeignJson(bytes)).toEqual({ unreadable: reason });
  });
});

test('brackets in strings do not count as levels', () => {
  expect(isNestedTooDeeply(Buffer.from(JSON.stringify({ a: '[{"'.repeat(1000), b: '\\' })))).toBe(false);
  expect(isNestedTooDeeply(Buffer.from(JSON.stringify(Array(1000).fill([]))))).toBe(false);
});

describe('jsonStringsIn', () => {
  const stringsIn = (text: string) => [...jsonStringsIn(Buffer.from(text), 10)];

  test('finds keys and values at any depth, unescaped, up to a length', () => {
    const value = { key: ['a "quoted"', '\\', 'Zoë 🙂', '', 'x'.repeat(11)] };
    expect(stringsIn(JSON.stringify(value))).toEqual(['key', 'a "quoted"', '\\', 'Zoë 🙂', '']);
    expect(stringsIn('"\\u0061\\u0064\\u0061"')).toEqual(['ada']);
    expect(stringsIn(`${'['.repeat(50_000)}"ada"`)).toEqual(['ada']);
  });

  test('finds what is complete in text whose end is missing', () => {
    expect(stringsIn('{"subject":"ada","data":{"shop')).toEqual(['subject', 'ada', 'data']);
  });

  test('takes linear time for a text of escaped quotes', () => {
    expect(stringsIn('"\\'.repeat(2_000_000))).toEqual([]);
  });
});
