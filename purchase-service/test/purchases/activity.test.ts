import { expect, test } from '@jest/globals';
import { activitySchema, eventRoutes, purchasePlaced } from '@unity-purchase/contracts';
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
  expect(activity.samples[0]?.durations['freshness']?.p99).toBeGreaterThan(0);
  expect(activity.durations).toEqual(activity.samples[0]?.durations);
  expect(activity.current?.counts['recorded']).toBe(0);
  expect(activity.waitingDeadLetters).toEqual({ count: 0, isMore: false, at: '2026-01-01T00:00:02.000Z' });
  expect(activity.checks).toEqual([{ name: 'statestore', status: 'up' }]);
});

test('GET /api/activity answers how many dead letters wait, and since when', async () => {
  const { app } = createTestApp();
  const data_base64 = Buffer.from('nonsense').toString('base64');
  await request(app).post(eventRoutes.deadLetters).send({ data_base64 }).expect(200);
  const { waitingDeadLetters } = activitySchema.parse((await request(app).get('/api/activity')).body);
  const at = '2026-01-01T00:00:02.000Z';
  expect(waitingDeadLetters).toEqual({ count: 1, isMore: false, oldestAt: at, at });
});
