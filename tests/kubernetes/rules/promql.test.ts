import { expect, test } from '@jest/globals';
import { metricsIn, selectorsIn } from './promql.js';

const query =
  'sum by (job, check) (increase(a_total{job="x",reason!="y (z)"}[5m] offset 1h) or label_replace(b:c:rate5m, "d", "e", "", "")) ' +
  '/ on (job) group_left (pod) max_over_time(f_seconds[30m]) > 14.4 * 2 unless on (job) g == bool 1 and h';

test('finds every metric of a query once, without functions, keywords, labels and numbers', () => {
  expect([...metricsIn(`${query} or h`)]).toEqual(['a_total', 'b:c:rate5m', 'f_seconds', 'g', 'h']);
});

test('finds the selectors with label matchers, whatever their operator', () => {
  expect(selectorsIn(query)).toEqual([{ metric: 'a_total', matchers: { job: 'x', reason: 'y (z)' } }]);
});

test('rejects a query that Prometheus could not parse', () => {
  expect(() => metricsIn('sum(a_total')).toThrow('invalid PromQL at character 11: sum(a_total');
});
