import type { ActivitySample } from '@unity-purchase/contracts';
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import type { PageLocale } from '../middleware/page-locale.js';

/** A curve: its name, if the chart has several, and its values, oldest first; undefined where nothing was measured. */
export type Curve = { name?: string; values: readonly (number | undefined)[] };

/** A small chart of the last minutes, in the units of its view box. */
export type LineChart = {
  id: string;
  title: string;
  width: number;
  height: number;
  left: number;
  /** The chart in words, for screen readers. */
  description: string;
  ticks: { y: number; label: string }[];
  curves: { name: string | undefined; path: string }[];
  /** How long ago the chart begins, as a text. */
  start: string;
};

const size = { width: 480, height: 160, left: 48, right: 8, top: 12, bottom: 28 };
const tickCount = 3;

/** Draws curves over the time that the samples cover. The latest sample is at the right edge. */
export function drawLines(
  { id, title, intervalMs }: { id: string; title: string; intervalMs: number },
  curves: readonly Curve[],
  { texts: { desk }, formats }: PageLocale,
): LineChart {
  const { width, height, left, right, top, bottom } = size;
  const length = Math.max(...curves.map(({ values }) => values.length));
  const known = curves.flatMap(({ values }) => values.filter((value) => value !== undefined));
  const highest = Math.max(0, ...known);
  const x = scaleLinear([0, Math.max(1, length - 1)], [left, width - right]);
  const y = scaleLinear([0, highest > 0 ? highest : 1], [height - bottom, top]).nice(tickCount);
  const path = line<number | undefined>()
    .defined((value) => value !== undefined)
    .x((_value, index) => Math.round(x(index) * 10) / 10)
    .y((value) => Math.round(y(value ?? 0) * 10) / 10);
  const descriptions = curves.map(({ name, values }) => {
    const numbers = values.filter((value) => value !== undefined);
    const sentence = desk.chartSays(
      formats.number(rounded(numbers.at(-1) ?? 0)),
      formats.number(rounded(Math.max(0, ...numbers))),
    );
    return name === undefined ? sentence : `${name}: ${sentence}`;
  });
  return {
    id,
    title,
    width,
    height,
    left,
    description: `${title}. ${descriptions.join(' ')}`,
    ticks: y.ticks(tickCount).map((value) => ({
      y: Math.round(y(value) * 10) / 10,
      label: formats.number(value),
    })),
    curves: curves.map(({ name, values }) => ({ name, path: path([...values]) ?? '' })),
    start: formats.ago(length * intervalMs),
  };
}

/** A count in each interval as a rate per minute. */
export function perMinute(samples: readonly ActivitySample[], name: string, intervalMs: number): number[] {
  return samples.map(({ counts }) => ((counts[name] ?? 0) * 60_000) / intervalMs);
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
