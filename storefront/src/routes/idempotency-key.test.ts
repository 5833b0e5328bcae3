import { describe, expect, test } from '@jest/globals';
import { AppError } from '@unity-purchase/service-kit';
import fc from 'fast-check';
import { idempotencyKeyOf } from './idempotency-key.js';

const keyIn = (...values: readonly string[]) =>
  idempotencyKeyOf({ headersDistinct: { 'idempotency-key': [...values] } });

const quoted = (key: string) => `"${key.replaceAll(/["\\]/g, '\\$&')}"`;

const keys = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 255 });

test('without the header there is no key', () => {
  expect(idempotencyKeyOf({ headersDistinct: {} })).toBeUndefined();
});

describe('a key', () => {
  test('of printable characters is read as it is, and as a quoted string', () => {
    fc.assert(
      fc.property(keys, (key) => {
        if (!key.startsWith('"')) expect(keyIn(key)).toBe(key);
        expect(keyIn(quoted(key))).toBe(key);
      }),
    );
  });

  test.each([
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['a"b\\c', 'a"b\\c'],
    ['" "', ' '],
    ['a, b', 'a, b'],
    ['?', '?'],
    [`"${'\\"'.repeat(255)}"`, '"'.repeat(255)],
  ])('in the header %s is %s', (value, key) => {
    expect(keyIn(value)).toBe(key);
  });
});

describe('a header is refused', () => {
  test.each([
    ['that is empty', ['']],
    ['with an empty string', ['""']],
    ['of 256 characters', ['x'.repeat(256)]],
    ['of 256 characters in quotes', [`"${'x'.repeat(256)}"`]],
    ['with one quote', ['"']],
    ['without its second quote', ['"a']],
    ['with a quote inside quotes', ['"a"b"']],
    ['with something after the quotes', ['"a";b=1']],
    ['with an unknown escape', ['"a\\n"']],
    ['with an escape at its end', ['"a\\"']],
    ['with a tab', ['a\tb']],
    ['with a control character', ['a\u0000b']],
    ['with DEL', ['a\u007fb']],
    ['with UTF-8', ['\u00c3\u00a9']],
    ['with UTF-8 in quotes', ['"\u00c3\u00a9"']],
    ['that occurs twice', ['a', 'a']],
  ])('%s', (_what, values) => {
    expect(() => keyIn(...values)).toThrow(AppError);
  });

  test('or has 1 to 255 printable characters, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (value) => {
        let key: string | undefined;
        try {
          key = keyIn(value);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'purchase-id-malformed' });
          return;
        }
        expect(key).toMatch(/^[ -~]{1,255}$/);
      }),
    );
  });
});
