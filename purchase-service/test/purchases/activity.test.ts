import { expect, test } from '@jest/globals';
import { activitySchema, purchasePlaced } from '@unity-purchase/contracts';
import request from 'supertest';
import { aPurchase } from '../fakes/purchases.js';
import { createTestApp } from '../fakes/test-app.js';

test('GET /api/activity answers recent counts, durations and the health of the parts', async () => {
  const { app, recentActivity } = createTestApp();
  await recentActivity.takeSample();
  await request(app).post('/events/purchases').send(purchasePlaced(aPurchase())).expect(200);
  await recentActivity.takeSample();
  const activity = activitySchema.parse((await request(app).get('/api/activity').expect(200)).body);
  expect(activity.instance).toBe('replica-1');
  expect(activity.samples.map(({ counts }) => counts)).toEqual([
    { recorded: 1, duplicates: 0, conflicts: 0, rejected: 0, retried: 0, 'dead-letters': 0 },
  ]);
  expect(activity.samples[0]?.durations['freshness']?.median).toBeGreaterThan(0);
  expect(activity.checks).toEqual([{ name: 'statestore', status: 'up' }]);
});
