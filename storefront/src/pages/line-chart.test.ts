import { expect, test } from '@jest/globals';
import { formatsOf } from '../texts/formats.js';
import { languages } from '../texts/languages.js';
import { drawLines, perMinute } from './line-chart.js';

const locale = { language: 'en', texts: languages.en.texts, formats: formatsOf('en') } as const;
const frame = { id: 'x', title: 'Things', intervalMs: 10_000 };

test('a chart describes its latest and highest value and its start time', () => {
  const chart = drawLines(frame, [{ values: [1, 5, 2] }], locale);
  expect(chart.description).toBe('Things. Latest 2, highest 5.');
  expect(chart.start).toBe('30 seconds ago');
  expect(chart.curves[0]?.path.match(/[ML]/g)).toEqual(['M', 'L', 'L']);
});

test('a curve has gaps where nothing was measured', () => {
  const chart = drawLines(frame, [{ name: 'median', values: [1, undefined, 2, 3] }], locale);
  expect(chart.curves[0]?.path.match(/M/g)).toHaveLength(2);
  expect(chart.description).toBe('Things. median: Latest 3, highest 3.');
});

test.each([[[]], [[0, 0]], [[undefined, undefined]]])('a chart of %j has finite coordinates', (values) => {
  const chart = drawLines(frame, [{ values }], locale);
  expect(JSON.stringify(chart)).not.toMatch(/NaN|null|Infinity/);
});

test('counts in an interval become a rate per minute', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const samples = [
    { at, counts: { things: 2 }, durations: {} },
    { at, counts: {}, durations: {} },
  ];
  expect(perMinute(samples, 'things', 10_000)).toEqual([12, 0]);
});
