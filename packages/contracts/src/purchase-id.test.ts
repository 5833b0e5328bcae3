import { describe, expect, test } from '@jest/globals';
import { purchaseIdTimeMs, readNewPurchaseId } from './purchase-id.js';

const createdAtMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const hex = createdAtMs.toString(16).padStart(12, '0');
const id = `${hex.slice(0, 8)}-${hex.slice(8)}-7abc-8def-0123456789ab`;
const hourMs = 60 * 60 * 1000;

test('purchaseIdTimeMs returns the millisecond in which an id was created', () => {
  expect(purchaseIdTimeMs(id)).toBe(createdAtMs);
});

test.each([
  ['00ffffff-ffff-7abc-8def-0123456789ab', undefined],
  ['01000000-0000-7abc-8def-0123456789ab', 2 ** 40],
])('purchaseIdTimeMs of %s, around the first time that ids have, returns %p', (around, timeMs) => {
  expect(purchaseIdTimeMs(around)).toBe(timeMs);
});

describe('readNewPurchaseId', () => {
  test('returns a fresh id in lower case', () => {
    expect(readNewPurchaseId(id.toUpperCase(), createdAtMs)).toEqual({ id });
  });

  test.each([
    ['more than 24 h after its creation', createdAtMs + 24 * hourMs + 1, 'purchase-id-expired'],
    ['more than 5 min before its creation', createdAtMs - 5 * 60 * 1000 - 1, 'purchase-id-in-the-future'],
  ])('refuses an id %s', (_when, nowMs, problem) => {
    expect(readNewPurchaseId(id, nowMs)).toEqual({ problem });
  });

  test('refuses an id without a time as expired', () => {
    const withoutTime = `00${id.slice(2)}`;
    expect(readNewPurchaseId(withoutTime, createdAtMs)).toEqual({ problem: 'purchase-id-expired' });
  });

  test.each([
    '',
    'x',
    '../..',
    `${id} `,
    `${id}\n`,
    id.replace('-7', '-4'),
    '🙂'.repeat(9),
    'a'.repeat(10_000),
  ])('refuses %j as malformed', (text) => {
    expect(readNewPurchaseId(text, createdAtMs)).toEqual({ problem: 'purchase-id-malformed' });
  });
});
