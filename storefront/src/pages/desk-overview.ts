import type { Activity } from '@unity-purchase/contracts';
import type { PageLocale } from '../middleware/page-locale.js';
import type { SystemStatus } from '../operators/desk-watch.js';
import { freshnessDuration, recordedCount, storefrontCounts } from './desk-counts.js';
import { figuresOf, type FigureView } from './desk-figures.js';
import { partsOf, type PartView } from './desk-parts.js';
import { problemsOf, type ProblemView } from './desk-problems.js';
import {
  drawLines,
  ratesPerMinute,
  type ChartFrame,
  type ChartPoint,
  type LineChart,
  type Period,
} from './line-chart.js';

/** The content of the desk's first page: problems first. */
export type DeskOverview = {
  problems: ProblemView[];
  figures: FigureView[];
  parts: PartView[];
  charts: LineChart[];
  /** When the page was read. */
  at: string;
};

/** What all charts of the page show. */
const periodMs = 600_000;

/** The overview as one replica of the storefront knows the system. */
export function viewDesk(status: SystemStatus, locale: PageLocale): DeskOverview {
  const period = { endMs: status.at.getTime(), lengthMs: periodMs };
  return {
    problems: problemsOf(status, locale),
    figures: figuresOf(status, locale),
    parts: partsOf(status, locale),
    charts: [
      ...chartsOfStorefront(status.storefront, period, locale),
      ...(status.purchaseService === undefined
        ? []
        : chartsOfPurchaseService(status.purchaseService.activity, period, locale)),
    ],
    at: status.at.toISOString(),
  };
}

function chartsOfStorefront(activity: Activity, period: Period, locale: PageLocale): LineChart[] {
  const { desk } = locale.texts;
  const { accepted, requests } = storefrontCounts;
  return [
    drawRates({ id: 'accepted', title: desk.accepted, count: accepted }, activity, period, locale),
    drawRates({ id: 'requests', title: desk.requests, count: requests }, activity, period, locale),
  ];
}

function chartsOfPurchaseService(activity: Activity, period: Period, locale: PageLocale): LineChart[] {
  const { desk } = locale.texts;
  return [
    drawRates({ id: 'recorded', title: desk.recorded, count: recordedCount }, activity, period, locale),
    drawFreshness(activity, period, locale),
  ];
}

function drawRates(
  { id, title, count }: { id: string; title: string; count: string },
  activity: Activity,
  period: Period,
  locale: PageLocale,
): LineChart {
  const label = (value: number) => locale.formats.number(Number(value.toPrecision(3)));
  const frame = frameOf({ id, title, label }, activity, period, locale);
  return drawLines(frame, [{ points: ratesPerMinute(activity.samples, count, activity.intervalMs) }], locale);
}

function drawFreshness(activity: Activity, period: Period, locale: PageLocale): LineChart {
  const { desk } = locale.texts;
  const label = (value: number) => locale.formats.seconds(value * 1_000);
  const frame = frameOf({ id: 'freshness', title: desk.freshness, label }, activity, period, locale);
  const points = (percentile: 'median' | 'p90' | 'p99'): ChartPoint[] =>
    activity.samples.map(({ at, durations }) => ({
      atMs: Date.parse(at),
      value: durations[freshnessDuration]?.[percentile],
    }));
  // Version 0.1.0 reports no 99th percentile.
  const highest = activity.durations === undefined ? ('p90' as const) : ('p99' as const);
  return drawLines(
    frame,
    [
      { name: desk.median, points: points('median') },
      { name: desk[highest], points: points(highest) },
    ],
    locale,
  );
}

function frameOf(
  frame: Pick<ChartFrame, 'id' | 'title' | 'label'>,
  { instance, intervalMs }: Activity,
  period: Period,
  { texts }: PageLocale,
): ChartFrame {
  return { ...frame, title: texts.desk.monitor.ofReplica(frame.title, instance), period, intervalMs };
}
