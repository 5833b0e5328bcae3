import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { paths } from '@unity-purchase/storefront';
import { projectRoot } from '@unity-purchase/tools';
import type { Manifest } from '../rendering/render.js';
import { renderObserved } from './observed-manifests.js';
import { dashboardsIn, type Dashboard } from './dashboards.js';
import { foreignMetrics } from './foreign-metrics.js';
import { metricsIn, selectorsIn } from './promql.js';
import { ruleFileIn, rulesOf, type Rule } from './rule-files.js';
import { scalingOf } from './scaled-objects.js';
import { readServiceMetrics, type ServiceMetric } from './service-metrics.js';

/** The labels that Prometheus adds to every series. */
const labelsOfTargets = ['namespace', 'job', 'pod'];

let objects: Manifest[] = [];
let dashboards: Dashboard[] = [];
let rules: Rule[] = [];
let ours = new Map<string, ServiceMetric>();
/** Every query, and where it occurs. */
let queries: { where: string; query: string }[] = [];

beforeAll(async () => {
  objects = await renderObserved('kafka');
  ours = await readServiceMetrics();
  dashboards = dashboardsIn(objects);
  rules = ['purchase-system-slo', 'purchase-system-alerts', 'purchase-lag'].flatMap((name) =>
    rulesOf(ruleFileIn(objects, name)),
  );
  queries = [
    ...rules.map((rule) => ({ where: rule.alert ?? rule.record ?? '', query: rule.expr })),
    ...dashboards.flatMap(({ queries: shown }) => shown),
    { where: 'ScaledObject/storefront', query: scalingOf(objects, 'storefront').query ?? '' },
  ];
});

describe('queries to Prometheus', () => {
  test('read only metrics of our services, recorded by our rules or known from other programs', () => {
    const recorded = new Set(rules.map(({ record }) => record));
    const unknown = queries.flatMap(({ where, query }) =>
      [...metricsIn(query)]
        .filter((name) => !ours.has(name) && !foreignMetrics.has(name) && !recorded.has(name))
        .map((name) => ({ where, name })),
    );
    expect(unknown).toEqual([]);
  });

  test('read every metric on the list of foreign metrics', () => {
    const read = new Set(queries.flatMap(({ query }) => [...metricsIn(query)]));
    expect([...foreignMetrics].filter((name) => !read.has(name))).toEqual([]);
  });

  test('select our metrics by a job and labels that exist', () => {
    const wrong = queries.flatMap(({ where, query }) =>
      selectorsIn(query)
        .filter(({ metric, matchers }) => {
          const known = ours.get(metric);
          if (known === undefined) return false;
          const labels = new Set([...known.labels, ...labelsOfTargets]);
          const isRegistered = matchers['job'] === undefined || known.jobs.includes(matchers['job']);
          return !isRegistered || Object.keys(matchers).some((label) => !labels.has(label));
        })
        .map((selector) => ({ where, ...selector })),
    );
    expect(wrong).toEqual([]);
  });

  test('use the routes and bucket bounds of the services', () => {
    const selected = (label: string) =>
      queries
        .flatMap(({ query }) => selectorsIn(query))
        .flatMap(({ metric, matchers }) =>
          (matchers[label] ?? '')
            .split('|')
            .filter((value) => value !== '')
            .map((value) => ({ metric, value })),
        );
    const routes = new Set(selected('route').map(({ value }) => value));
    expect([...routes].filter((route) => !Object.values<string>(paths).includes(route))).toEqual([]);
    expect(routes.size).toBe(2);
    const unknownBounds = selected('le').filter(
      ({ metric, value }) => ours.get(metric)?.bounds.includes(Number(value.replace('[.]', '.'))) !== true,
    );
    expect(unknownBounds).toEqual([]);
  });
});

describe('alerts', () => {
  test('have a severity, a summary, a description and a runbook', async () => {
    const page = await readFile(join(projectRoot, 'docs/runbooks.md'), 'utf8');
    const sections = new Set([...page.matchAll(/^## (\w+)$/gm)].map(([, name = '']) => name));
    const alerts = rules.filter(({ alert }) => alert !== undefined);
    for (const { alert = '', labels, annotations } of alerts) {
      expect(['critical', 'warning']).toContain(labels['severity']);
      expect(Object.keys(annotations).sort()).toEqual(['description', 'runbook_url', 'summary']);
      expect(annotations['runbook_url']).toBe(
        `https://github.com/unity-purchase/unity-purchase-system/blob/main/docs/runbooks.md#${alert.toLowerCase()}`,
      );
    }
    expect([...sections].sort()).toEqual([...new Set(alerts.map(({ alert = '' }) => alert))].sort());
  });
});

describe('dashboards', () => {
  test('have stable ids for Grafana', () => {
    expect(dashboards.map(({ configMap, uid }) => ({ configMap, uid }))).toEqual([
      { configMap: 'dashboard-platform', uid: 'purchase-system-platform' },
      { configMap: 'dashboard-purchases', uid: 'purchase-system-purchases' },
      { configMap: 'dashboard-scaling', uid: 'purchase-system-scaling' },
    ]);
  });

  test.each([
    ['storefront', 'Requests per second for each storefront'],
    ['purchase-service', 'Lag for each purchase-service'],
  ])('draw the scaling threshold of %s', (name, title) => {
    const lines = dashboards
      .flatMap(({ queries: shown }) => shown)
      .filter(({ where }) => where.endsWith(title));
    expect(lines.map(({ query }) => query)).toContain(`vector(${scalingOf(objects, name).threshold})`);
  });
});
