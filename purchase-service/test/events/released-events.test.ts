import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { eventRoutes, historyPageSchema, purchasePlacedType } from '@unity-purchase/contracts';
import request from 'supertest';
import { createTestApp } from '../fakes/test-app.js';

/** The events of every release, which the contracts keep. */
const releases = new URL('../../../packages/contracts/releases/', import.meta.url);

const events = readdirSync(releases).flatMap((version) => {
  const samples = JSON.parse(readFileSync(new URL(`${version}/samples.json`, releases), 'utf8')) as Record<
    string,
    { subject: string; data: unknown }[]
  >;
  return (samples[purchasePlacedType] ?? []).map((event, index) => ({ version, index, event }));
});

test.each(events)('event $index of release $version is recorded unchanged', async ({ event }) => {
  const { app } = createTestApp();
  await request(app).post(eventRoutes.purchases).send(event).expect(200, { status: 'SUCCESS' });
  const page = await request(app).get(`/api/purchases/${event.subject}`).expect(200);
  expect(historyPageSchema.parse(page.body).purchases.map(({ purchase }) => purchase)).toEqual([event.data]);
});

test('the contracts keep at least one released event', () => {
  expect(events.length).toBeGreaterThan(0);
});
