import { expect, test } from '@jest/globals';
import { RecentMap } from './recent-map.js';

test('keeps at most its largest number of entries, however many are set', () => {
  const map = new RecentMap<number, string>(3);
  for (let key = 0; key < 10_000; key += 1) map.set(key, String(key));
  expect(map.size).toBe(3);
  expect([9_996, 9_997, 9_998, 9_999].map((key) => map.get(key))).toEqual([
    undefined,
    '9997',
    '9998',
    '9999',
  ]);
});

test('drops the entry that was least recently read or set', () => {
  const map = new RecentMap<string, number>(2);
  map.set('read', 1);
  map.set('untouched', 2);
  map.get('read');
  map.set('new', 3);
  expect([map.get('read'), map.get('untouched'), map.get('new')]).toEqual([1, undefined, 3]);
});

test('replaces, deletes and clears entries', () => {
  const map = new RecentMap<string, number>(2);
  map.set('a', 1);
  map.set('a', 2);
  expect([map.size, map.get('a')]).toEqual([1, 2]);
  map.delete('a');
  expect([map.size, map.get('a')]).toEqual([0, undefined]);
  map.set('b', 3);
  map.clear();
  expect(map.size).toBe(0);
});

test('creates the value of a key once, until it is dropped', () => {
  const map = new RecentMap<string, number>(1);
  let count = 0;
  const next = () => (count += 1);
  expect([map.getOrCreate('a', next), map.getOrCreate('a', next)]).toEqual([1, 1]);
  expect([map.getOrCreate('b', next), map.getOrCreate('a', next)]).toEqual([2, 3]);
});
