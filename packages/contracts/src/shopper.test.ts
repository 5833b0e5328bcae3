import { expect, test } from '@jest/globals';
import { shopperKey, shopperKeyPattern } from './shopper.js';

test.each(['ada', '..', 'a/b', 'a||b', '$where', '🙂', '\u0001', 'x'.repeat(10_000)])(
  'shopperKey of %j needs no escaping in URLs and state keys and does not contain the id',
  (id) => {
    const key = shopperKey(id);
    expect(key).toMatch(shopperKeyPattern);
    expect(encodeURIComponent(key)).toBe(key);
    expect(key).not.toContain(id);
  },
);

test('shopperKey differs for different ids', () => {
  expect(shopperKey('ada')).not.toBe(shopperKey('Ada'));
});
