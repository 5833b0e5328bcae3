import type { PurchasePlaced } from '@unity-purchase/contracts';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { createLogger, createMonitoring, Lifecycle, type CallerTokens } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { Registry } from 'prom-client';
import { activityMetrics } from '../../src/activity-metrics.js';
import { createApp } from '../../src/app.js';
import { createDependencies } from '../../src/dependencies.js';
import { apiRouters } from '../../src/routes/api-document.js';

const instanceName = 'replica-1';

/** The service's own app over a store in memory and a broker that only keeps what is published. */
export function createTestApp(
  clock: number | (() => number) = Date.UTC(2026, 0, 1, 0, 0, 2),
  tokens: CallerTokens = { sidecar: undefined, operator: undefined },
) {
  const store = new MemoryLogStore();
  const published: PurchasePlaced[] = [];
  const broker = { isAway: false };
  const gateway = {
    stateStore: () => store,
    publish: ({ event }: { event: object }) => {
      if (broker.isAway) return Promise.reject(new Error('the broker is away'));
      published.push(event as PurchasePlaced);
      return Promise.resolve();
    },
  };
  const logLines: string[] = [];
  const logger = createLogger(
    'test',
    { level: 'debug', format: 'json' },
    { write: (line: string) => logLines.push(line) },
  );
  const registry = new Registry();
  const dependencies = createDependencies(
    { instanceName, tokens },
    { gateway, registry, logger },
    {
      now: () => new Date(typeof clock === 'number' ? clock : clock()),
      newEventId: () => `event-${published.length + 1}`,
    },
  );
  const lifecycle = new Lifecycle(logger);
  const { probes, insight, recentActivity, readActivity } = createMonitoring({
    instanceName,
    checks: dependencies.healthChecks,
    activityMetrics,
    lifecycle,
    registry,
    logger,
  });
  const app = createApp(dependencies, { management: Router().use(probes, insight), readActivity });
  const operations = apiRouters({ ...dependencies, activity: readActivity }).flatMap((api) => api.operations);
  return { app, operations, store, logLines, registry, lifecycle, published, broker, recentActivity };
}
