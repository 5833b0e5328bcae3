import type { ActivitySample } from '@unity-purchase/contracts';
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import type { PageLocale } from '../middleware/page-locale.js';

/** The time that all charts of a page show. */
export type Period = { endMs: number; lengthMs: number };

/** A value at the end of an interval; undefined if nothing was measured in it. */
export type ChartPoint = { atMs: number; value: number | undefined };

/** A curve: its name, if the chart has several, and its points, oldest first. */
export type Curve = { name?: string; points: readonly ChartPoint[] };

/** What a chart shows, and how. */
export type ChartFrame = {
  id: string;
  title: string;
  period: Period;
  /** The usual time between two points. Where more is missing, the curve has a gap. */
  intervalMs: number;
  /** A value with its unit. */
  label: (value: number) => string;
};

/** A small chart of the last minutes, in the units of its view box. The page stretches it to any size. */
export type LineChart = {
  id: string;
  title: string;
  width: number;
  height: number;
  /** The chart in words, for screen readers. */
  description: string;
  /** The labels of the axis of values: at the top, in the middle and at the bottom. */
  values: [string, string, string];
  /** The labels of the time axis: at its beginning, in the middle and at its end. */
  times: [string, string, string];
  curves: { name: string | undefined; path: string }[];
};

const size = { width: 600, height: 100 };

/** Clocks differ, and timers are late. */
const intervalTolerance = 1.5;

/** Draws curves over a period. Points from outside of it are left out. */
export function drawLines(
  { id, title, period, intervalMs, label }: ChartFrame,
  curves: readonly Curve[],
  { texts: { desk }, formats }: PageLocale,
): LineChart {
  const { endMs, lengthMs } = period;
  const shown = curves.map(({ name, points }) => ({
    name,
    points: points.filter(({ atMs }) => atMs >= endMs - lengthMs && atMs <= endMs),
  }));
  const highest = Math.max(0, ...shown.flatMap(({ points }) => valuesOf(points)));
  const x = scaleLinear([endMs - lengthMs, endMs], [0, size.width]);
  const y = scaleLinear([0, highest > 0 ? highest : 1], [size.height, 0]).nice(2);
  const [, top = 1] = y.domain();
  const path = line<ChartPoint>()
    .defined(({ value }) => value !== undefined)
    .x(({ atMs }) => rounded(x(atMs)))
    .y(({ value }) => rounded(y(value ?? 0)));
  const descriptions = shown.map(({ name, points }) => {
    const values = valuesOf(points);
    const latest = values.at(-1);
    const sentence =
      latest === undefined
        ? desk.monitor.notMeasured
        : desk.chartSays(label(latest), label(Math.max(...values)));
    return name === undefined ? sentence : `${name}: ${sentence}`;
  });
  return {
    id,
    title,
    ...size,
    description: `${title}. ${descriptions.join(' ')}`,
    values: [label(top), label(top / 2), label(0)],
    times: [formats.ago(lengthMs), formats.ago(lengthMs / 2), desk.now],
    curves: shown.map(({ name, points }) => ({
      name,
      path: path(withGaps(points, intervalMs)) ?? '',
    })),
  };
}

/** A count in each interval as a rate per minute. */
export function ratesPerMinute(
  samples: readonly ActivitySample[],
  name: string,
  intervalMs: number,
): ChartPoint[] {
  return samples.map(({ at, counts }) => ({
    atMs: Date.parse(at),
    value: ((counts[name] ?? 0) * 60_000) / intervalMs,
  }));
}

/**
 * The points of one curve, with a point without a value in each gap. A value without neighbours gets a second point at the beginning
 * of its interval, because a line of one point could hardly be seen.
 */
function withGaps(points: readonly ChartPoint[], intervalMs: number): ChartPoint[] {
  const isConnected = (one: ChartPoint | undefined, other: ChartPoint | undefined) =>
    one?.value !== undefined &&
    other?.value !== undefined &&
    other.atMs - one.atMs <= intervalMs * intervalTolerance;
  return points.flatMap((point, index) => {
    const isAfterOther = isConnected(points[index - 1], point);
    if (isAfterOther) return [point];
    const { atMs, value } = point;
    const isAlone = !isConnected(point, points[index + 1]);
    return [{ atMs, value: undefined }, ...(isAlone ? [{ atMs: atMs - intervalMs, value }] : []), point];
  });
}

function valuesOf(points: readonly ChartPoint[]): number[] {
  return points.flatMap(({ value }) => (value === undefined ? [] : [value]));
}

function rounded(coordinate: number): number {
  return Math.round(coordinate * 10) / 10;
}
