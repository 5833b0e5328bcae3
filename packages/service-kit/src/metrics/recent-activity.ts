import type { Registry } from 'prom-client';
import type { HealthReport } from '../health/health-checks.js';

/** The activity in one interval: counts, and durations in seconds where they are measured. */
export type ActivityInInterval = {
  /** The end of the interval, ISO 8601. */
  at: string;
  counts: Record<string, number>;
  durations: Durations;
};

/** Percentiles in seconds, by name. A duration without measurements is missing. */
type Durations = Record<string, { median: number; p90: number; p99: number }>;

/** The recent activity, with the interval that has not ended and the durations over all of it. */
export type ActivityRead = {
  samples: ActivityInInterval[];
  current?: ActivityInInterval;
  durations: Durations;
};

/** The metrics whose changes are reported, by the names under which they are reported. Histograms are of seconds. */
export type ActivityMetrics = {
  counters: Readonly<Record<string, string>>;
  histograms?: Readonly<Record<string, string>>;
};

/** The length of an interval. */
const activityIntervalMs = 10_000;

/** Ten minutes of samples. */
const samplesMax = 60;

/** Cumulative histogram buckets by their upper bounds, in ascending order. */
type Buckets = { bound: number; count: number }[];

type Reading = { counters: Record<string, number>; histograms: Record<string, Buckets> };

/** What one interval added to counters and histograms. */
type Interval = { sample: ActivityInInterval; histograms: Record<string, Buckets> };

/** The recent changes of a process' own metrics, kept in memory: one sample for each interval. */
export class RecentActivity {
  readonly #registry: Registry;
  readonly #metrics: ActivityMetrics;
  readonly #now: () => Date;
  readonly #intervals: Interval[] = [];
  #last: Reading | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(registry: Registry, metrics: ActivityMetrics, now: () => Date) {
    this.#registry = registry;
    this.#metrics = metrics;
    this.#now = now;
  }

  /** The samples, oldest first. */
  get samples(): readonly ActivityInInterval[] {
    return this.#intervals.map(({ sample }) => sample);
  }

  /** Everything recent, without ending an interval. */
  async read(): Promise<ActivityRead> {
    const last = this.#last;
    const reading = await this.#read();
    // A sample that was taken meanwhile ended the interval.
    const current = last === undefined || last !== this.#last ? undefined : this.#between(last, reading);
    const intervals = [...this.#intervals, ...(current === undefined ? [] : [current])];
    return {
      samples: [...this.samples],
      ...(current === undefined ? {} : { current: current.sample }),
      durations: durationsIn(sumOf(intervals)),
    };
  }

  /** Starts taking samples. All metrics must be registered before. */
  start(): void {
    void this.takeSample();
    this.#timer = setInterval(() => void this.takeSample(), activityIntervalMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Ends an interval. The first call only begins one. */
  async takeSample(): Promise<void> {
    const reading = await this.#read();
    const last = this.#last;
    this.#last = reading;
    if (last === undefined) return;
    this.#intervals.push(this.#between(last, reading));
    if (this.#intervals.length > samplesMax) this.#intervals.shift();
  }

  #between(last: Reading, reading: Reading): Interval {
    const counts = Object.entries(reading.counters).map(([name, value]): [string, number] => [
      name,
      value - (last.counters[name] ?? 0),
    ]);
    const histograms = Object.fromEntries(
      Object.entries(reading.histograms).map(([name, buckets]) => [
        name,
        increase(buckets, last.histograms[name] ?? []),
      ]),
    );
    return {
      sample: {
        at: this.#now().toISOString(),
        counts: Object.fromEntries(counts),
        durations: durationsIn(histograms),
      },
      histograms,
    };
  }

  async #read(): Promise<Reading> {
    const { counters, histograms = {} } = this.#metrics;
    const reading: Reading = { counters: {}, histograms: {} };
    for (const [name, metric] of Object.entries(counters))
      reading.counters[name] = (await this.#valuesOf(metric)).reduce((sum, { value }) => sum + value, 0);
    for (const [name, metric] of Object.entries(histograms))
      reading.histograms[name] = bucketsOf(await this.#valuesOf(metric));
    return reading;
  }

  async #valuesOf(name: string): Promise<MetricValue[]> {
    const metric = this.#registry.getSingleMetric(name);
    if (metric === undefined) throw new RangeError(`there is no metric ${name}`);
    return (await metric.get()).values;
  }
}

/** The activity of a replica: its name, its samples and the results of its health checks. */
export async function activityReport(
  instance: string,
  activity: RecentActivity,
  report: () => Promise<HealthReport>,
) {
  const { checks } = await report();
  return {
    instance,
    intervalMs: activityIntervalMs,
    ...(await activity.read()),
    checks: checks.map(({ name, status }) => ({ name, status })),
  };
}

type MetricValue = { value: number; labels: Partial<Record<string, string | number>> };

function bucketsOf(values: readonly MetricValue[]): Buckets {
  const byBound = new Map<number, number>();
  for (const { value, labels } of values) {
    // The sum and the count of a histogram have no bound.
    if (labels['le'] === undefined) continue;
    const bound = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
    byBound.set(bound, (byBound.get(bound) ?? 0) + value);
  }
  return [...byBound]
    .map(([bound, count]) => ({ bound, count }))
    .sort((one, other) => one.bound - other.bound);
}

function increase(buckets: Buckets, before: Buckets): Buckets {
  const earlier = new Map(before.map(({ bound, count }) => [bound, count]));
  return buckets.map(({ bound, count }) => ({ bound, count: count - (earlier.get(bound) ?? 0) }));
}

/** The histograms of several intervals as one. */
function sumOf(intervals: readonly Interval[]): Record<string, Buckets> {
  const names = new Set(intervals.flatMap(({ histograms }) => Object.keys(histograms)));
  return Object.fromEntries(
    [...names].map((name) => {
      const counts = new Map<number, number>();
      for (const { histograms } of intervals)
        for (const { bound, count } of histograms[name] ?? [])
          counts.set(bound, (counts.get(bound) ?? 0) + count);
      return [name, [...counts].map(([bound, count]) => ({ bound, count }))];
    }),
  );
}

function durationsIn(histograms: Readonly<Record<string, Buckets>>): Durations {
  return Object.fromEntries(
    Object.entries(histograms)
      .filter(([, buckets]) => (buckets.at(-1)?.count ?? 0) > 0)
      .map(([name, buckets]) => [
        name,
        { median: quantile(buckets, 0.5), p90: quantile(buckets, 0.9), p99: quantile(buckets, 0.99) },
      ]),
  );
}

/** As Prometheus' `histogram_quantile`: linear within a bucket, and the highest finite bound for values above it. */
function quantile(buckets: Buckets, fraction: number): number {
  const rank = fraction * (buckets.at(-1)?.count ?? 0);
  const index = buckets.findIndex(({ count }) => count >= rank);
  const { bound = 0, count = 0 } = buckets[index] ?? {};
  const below = buckets[index - 1] ?? { bound: 0, count: 0 };
  if (bound === Infinity) return below.bound;
  return below.bound + (bound - below.bound) * ((rank - below.count) / Math.max(1, count - below.count));
}
