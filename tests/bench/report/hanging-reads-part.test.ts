import { expect, test } from '@jest/globals';
import { hangingReadsPart } from './hanging-reads-part.js';

const round = (number: number, aloneMs: number, whileReadsHangMs: number) => ({
  round: number,
  purchases: 800,
  readsInProgress: 128,
  alone: { p50Ms: aloneMs / 4, p99Ms: aloneMs },
  whileReadsHang: { p50Ms: whileReadsHangMs / 4, p99Ms: whileReadsHangMs },
});

test('compares the p99 of buying while reads hang with buying alone, round by round', () => {
  const page = hangingReadsPart([round(1, 10, 15), round(2, 8, 16), round(3, 12, 12)]).join('\n');
  expect(page).toContain(
    '| p99                       | 10.0 (8.00–12.0) | 15.0 (12.0–16.0) | 1.50 (1.00–2.00) |',
  );
  expect(page).toContain('at most 2 times its value alone: met.');
  expect(page).toContain('128 of these requests wait at one time');
});

test('says that the target is missed above twice the normal value', () => {
  expect(hangingReadsPart([round(1, 10, 21)]).join('\n')).toContain('missed');
});
