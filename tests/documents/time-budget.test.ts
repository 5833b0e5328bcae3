import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { stateDeadlineMs } from '@unity-purchase/service-kit';
import { projectRoot, readRunFile } from '@unity-purchase/tools';
import { readTimeBudget } from './time-budget.js';

const minuteMs = 60_000;
const budget = await readTimeBudget();

/** The brokers' own limits for an event that is delivered and not acknowledged. */
const rabbitmqConsumerTimeoutMs = 30 * minuteMs;

test('a state call ends with its retries before the service gives up on it, and the service before the sidecar', () => {
  expect(budget.stateCallMs).toBeLessThan(stateDeadlineMs);
  expect(stateDeadlineMs).toBeLessThan(budget.handlerMs);
});

test('an event is retried for longer than the sidecar waits for an unhealthy service', async () => {
  const { apps } = await readRunFile(join(projectRoot, 'dapr.yaml'));
  for (const { appHealth } of apps)
    expect(appHealth.probeIntervalSeconds * 1_000 * appHealth.threshold).toBeLessThan(budget.failingMs);
});

test('retries end before RabbitMQ closes the channel of an event that is not acknowledged', () => {
  expect(budget.hangingMs).toBeLessThan(rabbitmqConsumerTimeoutMs);
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
