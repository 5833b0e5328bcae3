import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatJson } from './format-json.js';

describe('formatJson', () => {
  test.each([
    ['{}', '{}'],
    ['[ ]', '[]'],
    ['{"a":1,"b":[true,null,"x"]}', '{\n  "a": 1,\n  "b": [\n    true,\n    null,\n    "x"\n  ]\n}'],
    [' "text" ', '"text"'],
    ['{"a":{},"b":[]}', '{\n  "a": {},\n  "b": []\n}'],
  ])('of %j has a line for each value', (text, formatted) => {
    expect(formatJson(text)).toBe(formatted);
  });

  test.each([
    ['12345678901234567890'],
    ['[1.50]'],
    ['[1e3]'],
    ['["\\u0041 { , : \\" ]"]'],
    ['{"a":1,"a":2}'],
  ])('changes no value of %s', (text) => {
    expect(formatJson(text)?.replaceAll(/\n\s*/g, '').replaceAll('": ', '":')).toBe(text);
  });

  test('formats as JSON.stringify does, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(formatJson(JSON.stringify(value))).toBe(JSON.stringify(value, undefined, 2));
      }),
    );
  });

  test.each([['{"half":'], [''], ['[1,]'], ['['.repeat(100) + ']'.repeat(100)]])(
    'leaves what is no JSON to others: %j',
    (text) => {
      expect(formatJson(text)).toBeUndefined();
    },
  );

  test('does not grow without limit', () => {
    const deep = '['.repeat(63) + Array.from({ length: 20_000 }, () => '1').join(',') + ']'.repeat(63);
    expect(formatJson(deep)).toBeUndefined();
    expect(formatJson(JSON.stringify(Array.from({ length: 20_000 }, () => 1)))).toBeDefined();
  });
});
