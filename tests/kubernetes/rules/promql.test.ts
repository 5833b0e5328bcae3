import { expect, test } from '@jest/globals';
import { metricsIn, selectorsIn } from './promql.js';

const query =
  'sum by (job, check) (increase(a_total{job="x",reason!="y (z)"}[5m] offset 1h) or label_replace(b:c:rate5m, "d", "e", "", "")) ' +
  '/ on (job) group_left (pod) max_over_time(f_seconds[30m]) > 14.4 * 2 unless on (job) g == bool 1 and h';

test('metrics in a query: what is no function, word, label, text or number, each once', () => {
  expect([...metricsIn(`${query} or h`)]).toEqual(['a_total', 'b:c:rate5m', 'f_seconds', 'g', 'h']);
});

test('selectors in a query: those with labels, whatever they are compared by', () => {
  expect(selectorsIn(query)).toEqual([{ metric: 'a_total', matchers: { job: 'x', reason: 'y (z)' } }]);
});
