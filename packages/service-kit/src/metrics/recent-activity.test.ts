import { beforeEach, describe, expect, test } from '@jest/globals';
import { Counter, Histogram, Registry } from 'prom-client';
import { RecentActivity } from './recent-activity.js';

let counter: Counter<'outcome'>;
let histogram: Histogram;
let activity: RecentActivity;
let nowMs: number;

beforeEach(async () => {
  const registry = new Registry();
  const registers = [registry];
  counter = new Counter({ name: 'things_total', help: 'Things', labelNames: ['outcome'], registers });
  histogram = new Histogram({ name: 'wait_seconds', help: 'Waits', buckets: [1, 2, 4], registers });
  nowMs = Date.parse('2026-01-01T00:00:00.000Z');
  const metrics = { counters: { things: 'things_total' }, histograms: { wait: 'wait_seconds' } };
  activity = new RecentActivity(registry, metrics, () => new Date(nowMs));
  counter.inc({ outcome: 'good' }, 100);
  histogram.observe(3);
  await activity.takeSample();
});

describe('RecentActivity', () => {
  test('counts an interval over all labels, without earlier intervals', async () => {
    counter.inc({ outcome: 'good' }, 3);
    counter.inc({ outcome: 'bad' }, 2);
    nowMs += 10_000;
    await activity.takeSample();
    expect(activity.samples).toEqual([
      { at: '2026-01-01T00:00:10.000Z', counts: { things: 5 }, durations: {} },
    ]);
  });

  test('reports median, 90th and 99th percentile, interpolated within the buckets', async () => {
    for (let count = 0; count < 10; count += 1) histogram.observe(1.5);
    await activity.takeSample();
    expect(activity.samples[0]?.durations).toEqual({ wait: { median: 1.5, p90: 1.9, p99: 1.99 } });
  });

  test('reports the highest bound for values above all buckets', async () => {
    histogram.observe(1000);
    await activity.takeSample();
    expect(activity.samples[0]?.durations).toEqual({ wait: { median: 4, p90: 4, p99: 4 } });
  });

  test('keeps the last sixty samples', async () => {
    for (let count = 0; count < 65; count += 1) {
      counter.inc({ outcome: 'good' }, count);
      await activity.takeSample();
    }
    expect(activity.samples).toHaveLength(60);
    expect(activity.samples[0]?.counts).toEqual({ things: 5 });
  });

  test('reports the interval that has not ended, without ending it', async () => {
    counter.inc({ outcome: 'good' }, 3);
    nowMs += 4_000;
    const current = { at: '2026-01-01T00:00:04.000Z', counts: { things: 3 }, durations: {} };
    expect((await activity.read()).current).toEqual(current);
    expect((await activity.read()).current).toEqual(current);
    expect(activity.samples).toEqual([]);
  });

  test('reports durations over all samples and the current interval', async () => {
    for (let count = 0; count < 98; count += 1) histogram.observe(0.5);
    await activity.takeSample();
    histogram.observe(3);
    await activity.takeSample();
    histogram.observe(3);
    expect((await activity.read()).durations).toEqual({
      wait: { median: expect.closeTo(50 / 98), p90: expect.closeTo(90 / 98), p99: 3 },
    });
  });

  test('reports no durations before anything was measured, and no interval before the first sample', async () => {
    expect((await activity.read()).durations).toEqual({});
    const registry = new Registry();
    expect(await new RecentActivity(registry, { counters: {} }, () => new Date()).read()).toEqual({
      samples: [],
      durations: {},
    });
  });

  test('forgets durations with their samples', async () => {
    histogram.observe(3);
    for (let count = 0; count < 61; count += 1) await activity.takeSample();
    expect((await activity.read()).durations).toEqual({});
  });

  test('rejects a metric that does not exist', async () => {
    const metrics = { counters: { things: 'nothing_total' } };
    const wrong = new RecentActivity(new Registry(), metrics, () => new Date());
    await expect(wrong.takeSample()).rejects.toThrow('there is no metric nothing_total');
  });
});
