import { projectRoot } from '@unity-purchase/tools';
import { expect, test } from '@jest/globals';
import { Counter } from 'prom-client';
import { promtool } from './promtool.js';
import { readRegistries } from './service-metrics.js';

/** Metrics of prom-client itself, whose names are not ours to choose. */
const isOurs = (name: string) => !/^(?:nodejs|process)_/.test(name);

/** Its labels are routes and statuses, of which most never occur. */
const countsAnything = 'http_requests_total';

/** Obtaining promtool takes a while the first time. */
const timeoutMs = 180_000;

const registries = Object.entries(await readRegistries());
for (const [, registry] of registries)
  for (const { name } of registry.getMetricsAsArray()) if (!isOurs(name)) registry.removeSingleMetric(name);

const lint = (scrape: string) => promtool(projectRoot, ['check', 'metrics'], scrape);

test.each(registries)(
  "promtool accepts the names, types and help texts of the %s's metrics",
  async (_service, registry) => {
    await lint(await registry.metrics());
  },
  timeoutMs,
);

test(
  'promtool refuses a metric that breaks the conventions',
  async () => {
    const scrape = '# HELP purchases Purchases\n# TYPE purchases counter\npurchases 1\n';
    await expect(lint(scrape)).rejects.toThrow('counter metrics should have');
  },
  timeoutMs,
);

test.each(registries)(
  'every labelled counter of the %s is scraped before its first increase',
  async (_service, registry) => {
    const absent: string[] = [];
    for (const { name } of registry.getMetricsAsArray()) {
      const metric = registry.getSingleMetric(name);
      if (metric instanceof Counter && name !== countsAnything && (await metric.get()).values.length === 0)
        absent.push(name);
    }
    expect(absent).toEqual([]);
  },
);
