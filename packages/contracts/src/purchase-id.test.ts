import { describe, expect, test } from '@jest/globals';
import { purchaseIdTimeMs, readNewPurchaseId } from './purchase-id.js';

const mintedMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const hex = mintedMs.toString(16).padStart(12, '0');
const id = `${hex.slice(0, 8)}-${hex.slice(8)}-7abc-8def-0123456789ab`;
const hourMs = 60 * 60 * 1000;

test('purchaseIdTimeMs of an id is the millisecond it was minted', () => {
  expect(purchaseIdTimeMs(id)).toBe(mintedMs);
});

describe('readNewPurchaseId', () => {
  test('gives a fresh id back in lower case', () => {
    expect(readNewPurchaseId(id.toUpperCase(), mintedMs)).toEqual({ id });
  });

  test.each([
    ['more than 24 h later', mintedMs + 24 * hourMs + 1, 'purchase-id-expired'],
    ['more than 5 min before its time', mintedMs - 5 * 60 * 1000 - 1, 'purchase-id-in-the-future'],
  ])('of an id %s says so', (_when, nowMs, problem) => {
    expect(readNewPurchaseId(id, nowMs)).toEqual({ problem });
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
  ])('of %j says that it is malformed', (text) => {
    expect(readNewPurchaseId(text, mintedMs)).toEqual({ problem: 'purchase-id-malformed' });
  });
});
