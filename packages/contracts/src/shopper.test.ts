import { expect, test } from '@jest/globals';
import { shopperKey, shopperKeyPattern } from './shopper.js';

test.each(['ada', '..', 'a/b', 'a||b', '$where', '🙂', '\u0001', 'x'.repeat(10_000)])(
  'shopperKey of %j is safe in a URL and a state key, and does not tell the id',
  (id) => {
    const key = shopperKey(id);
    expect(key).toMatch(shopperKeyPattern);
    expect(encodeURIComponent(key)).toBe(key);
    expect(key).not.toContain(id);
  },
);

test('shopperKey of two ids is two keys', () => {
  expect(shopperKey('ada')).not.toBe(shopperKey('Ada'));
});
