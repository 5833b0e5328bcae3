import { describe, expect, test } from '@jest/globals';
import type { ActivitySample } from '@unity-purchase/contracts';
import { formatsOf } from '../texts/formats.js';
import { languages } from '../texts/languages.js';
import { drawLines, ratesPerMinute, type ChartPoint } from './line-chart.js';

const locale = { language: 'en', texts: languages.en.texts, formats: formatsOf('en') } as const;
const endMs = Date.parse('2026-01-01T12:00:00.000Z');
const label = (value: number) => String(value);
const frame = {
  id: 'x',
  title: 'Things',
  period: { endMs, lengthMs: 600_000 },
  intervalMs: 10_000,
  label,
};

/** Points at these ages in seconds. */
const points = (...values: [secondsAgo: number, value: number | undefined][]): ChartPoint[] =>
  values.map(([secondsAgo, value]) => ({ atMs: endMs - secondsAgo * 1_000, value }));

const commands = (path: string | undefined) => path?.match(/[ML]/g)?.join('');

describe('a chart', () => {
  test('describes its latest and highest value', () => {
    const chart = drawLines(frame, [{ points: points([20, 1], [10, 5], [0, 2]) }], locale);
    expect(chart.description).toBe('Things. Latest 2, highest 5.');
  });

  test('has the whole period as its time axis, however few values there are', () => {
    const few = drawLines(frame, [{ points: points([10, 1], [0, 1]) }], locale);
    const many = drawLines(frame, [{ points: points([600, 1], [590, 1]) }], locale);
    expect(few.times).toEqual(['10 minutes ago', '5 minutes ago', 'now']);
    expect(many.times).toEqual(few.times);
    expect(few.curves[0]?.path).toMatch(/^M590,\d+L600,\d+$/);
    expect(many.curves[0]?.path).toMatch(/^M0,\d+L10,\d+$/);
  });

  test('has a gap where nothing was measured', () => {
    const gap = points([40, 1], [30, undefined], [20, 2], [10, 3]);
    const chart = drawLines(frame, [{ name: 'median', points: gap }], locale);
    expect(chart.curves[0]?.path).toMatch(/^M550,[\d.]+L560,[\d.]+M580,[\d.]+L590,[\d.]+$/);
    expect(chart.description).toBe('Things. median: Latest 3, highest 3.');
  });

  test('has a gap where intervals are missing, as after a restart', () => {
    const restarted = points([300, 4], [290, 5], [20, 1], [10, 2]);
    expect(commands(drawLines(frame, [{ points: restarted }], locale).curves[0]?.path)).toBe('MLML');
  });

  test('draws a value without neighbours as a line as long as its interval', () => {
    const chart = drawLines(frame, [{ points: points([300, 4], [10, 4]) }], locale);
    expect(chart.curves[0]?.path).toMatch(/^M290,\d+L300,\d+M580,\d+L590,\d+$/);
  });

  test('leaves out values from outside the period, such as those of a clock that is fast', () => {
    const chart = drawLines(frame, [{ points: points([700, 9], [10, 1], [-30, 9]) }], locale);
    expect(chart.description).toBe('Things. Latest 1, highest 1.');
    expect(chart.curves[0]?.path).toMatch(/^M580,\d+L590,\d+$/);
  });

  test('labels zero, the top and the middle of its axis, with units', () => {
    const chart = drawLines(
      { ...frame, label: (value) => `${value} s` },
      [{ points: points([0, 37]) }],
      locale,
    );
    expect(chart.values).toEqual(['40 s', '20 s', '0 s']);
  });

  test.each([
    ['no values', []],
    ['only zero', points([10, 0], [0, 0])],
    ['nothing measured', points([10, undefined])],
    ['a very large value', points([0, Number.MAX_SAFE_INTEGER])],
  ])('has finite coordinates for %s', (_what, given) => {
    const chart = drawLines(frame, [{ points: given }], locale);
    expect(JSON.stringify(chart)).not.toMatch(/NaN|null|Infinity/);
  });

  test('says that there is nothing to show instead of drawing zero', () => {
    const chart = drawLines(frame, [{ points: points([10, undefined]) }], locale);
    expect(chart.description).toBe('Things. Nothing was measured in this time.');
  });
});

test('counts in an interval become a rate per minute', () => {
  const sample = (at: string, counts: Record<string, number>): ActivitySample => ({
    at,
    counts,
    durations: {},
  });
  const samples = [sample('2026-01-01T11:59:50.000Z', { things: 2 }), sample('2026-01-01T12:00:00.000Z', {})];
  expect(ratesPerMinute(samples, 'things', 10_000)).toEqual([
    { atMs: endMs - 10_000, value: 12 },
    { atMs: endMs, value: 0 },
  ]);
});
