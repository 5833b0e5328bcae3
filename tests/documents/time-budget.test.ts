import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { stateDeadlineMs } from '@unity-purchase/service-kit';
import { brokers, projectRoot, readRunFile } from '@unity-purchase/tools';
import { deliveriesWithin, readBrokerLimits, type BrokerLimits } from './broker-limits.js';
import { readTimeBudget } from './time-budget.js';

const minuteMs = 60_000;
const budget = await readTimeBudget();

/** The components of every broker, with their limits. */
const limits: [name: string, BrokerLimits][] = [];
for (const broker of Object.keys(brokers))
  for (const limit of await readBrokerLimits(broker)) limits.push([`${broker}: ${limit.component}`, limit]);

/** Within this time a killed sidecar's events reach another one. Redis is late by what its documentation says. */
const recoveryMaxMs = (name: string) => (name.startsWith('redis') ? 70_000 : 30_000);

/** More copies of each event would hold up new purchases after an outage of the store. */
const deliveriesMax = 12;

test('a state call ends with its retries before the service gives up on it, and the service before the sidecar', () => {
  expect(budget.stateCallMs).toBeLessThan(stateDeadlineMs);
  expect(stateDeadlineMs).toBeLessThan(budget.handlerMs);
});

test('an event is retried for longer than the sidecar waits for an unhealthy service', async () => {
  const { apps } = await readRunFile(join(projectRoot, 'dapr.yaml'));
  for (const { appHealth } of apps)
    expect(appHealth.probeIntervalSeconds * 1_000 * appHealth.threshold).toBeLessThan(budget.failingMs);
});

describe.each(limits)('%s', (name, limit) => {
  test('gives the events of a killed sidecar to another one soon', () => {
    expect(limit.recoveryMs ?? 0).toBeLessThanOrEqual(recoveryMaxMs(name));
  });

  test('lets a sidecar finish all retries of every event that it holds, or sends few copies of them', () => {
    const { holdMaxMs = Infinity, heldMax = 1, resendsAfterMs = [] } = limit;
    expect(heldMax * budget.hangingMs).toBeLessThan(resendsAfterMs.length > 0 ? Infinity : holdMaxMs);
    expect(deliveriesWithin(budget.hangingMs, resendsAfterMs)).toBeLessThanOrEqual(deliveriesMax);
  });

  test('lets the service answer before a sidecar is cut off, and cuts it off before its retries end', () => {
    const { handlingMaxMs } = limit;
    if (handlingMaxMs === undefined) return;
    expect(handlingMaxMs).toBeGreaterThan(budget.handlerMs);
    // Redis acknowledges a dead letter whose retries end: it would be lost.
    expect(handlingMaxMs).toBeLessThan(budget.failingMs * (1 - budget.jitter));
  });
});

test('JetStream waits after the first delivery as long as after a failed one', async () => {
  for (const { recoveryMs, resendsAfterMs } of await readBrokerLimits('jetstream'))
    expect(resendsAfterMs?.[0]).toBe(recoveryMs);
});

test.each([
  [14_999, 1],
  [15_001, 2],
  [45_001, 3],
  [105_001, 4],
  [225_001, 5],
  [345_001, 6],
])('an event that is held for %d ms is delivered %d times', (heldMs, count) => {
  expect(deliveriesWithin(heldMs, [15_000, 30_000, 60_000, 120_000])).toBe(count);
});

test('an event is tried for eighteen minutes on MQTT, which does not deliver it again: as a purchase, then as a dead letter', () => {
  expect(2 * budget.failingMs).toBeGreaterThanOrEqual(18 * minuteMs);
});

test.each([
  'docs/decisions/inbound-retries.md',
  'docs/operators/change-broker.md',
  'docs/operators/dead-letters.md',
  'docs/runbooks.md',
])('%s says for how long an event is retried', async (page) => {
  const text = await readFile(join(projectRoot, page), 'utf8');
  expect([Math.ceil(budget.failingMs / minuteMs), Math.ceil(budget.hangingMs / minuteMs)]).toEqual([10, 16]);
  expect(text.replaceAll(/\s+/g, ' ')).toContain('ten to sixteen minutes');
});
