import { expect, test } from '@jest/globals';
import { noteCosts, type Costs } from './costs.js';

test('of several operations, the one that came closest to its limit is kept', () => {
  const costs: Costs = {};
  noteCosts(costs, { recording: { used: 7, allowed: 8 }, finding: { used: 2, allowed: 12 } });
  noteCosts(costs, { recording: { used: 9, allowed: 12 }, finding: { used: 3, allowed: 12 } });
  expect(costs).toEqual({ recording: { used: 7, allowed: 8 }, finding: { used: 3, allowed: 12 } });
});
