import { Router } from 'express';
import { Gauge, type Registry } from 'prom-client';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import { runHealthChecks, type HealthCheck } from './health-checks.js';

/**
 * What operators and machines ask a service:
 * - `/health/live` is true while the process can answer at all: restarting it would help nobody but a dead one;
 * - `/health/ready` is true from the end of the start to the beginning of the stop;
 * - `/health` runs all checks and says which part is down (503 if one is);
 * - `/metrics` in Prometheus' text format, with the checks' last results.
 */
export function managementRoutes(
  lifecycle: Lifecycle,
  checks: readonly HealthCheck[],
  registry: Registry,
): Router {
  const results = new Gauge({
    name: 'health_check_up',
    help: 'Whether a part worked when it was last asked: 1 or 0',
    labelNames: ['check'],
    registers: [registry],
  });
  const report = async () => {
    const outcome = await runHealthChecks(checks);
    for (const { name, status } of outcome.checks) results.set({ check: name }, status === 'up' ? 1 : 0);
    return outcome;
  };
  const router = Router();
  router.get('/health/live', (_request, response) => {
    response.json({ status: 'up' });
  });
  router.get('/health/ready', (_request, response) => {
    response.status(lifecycle.isReady ? 200 : 503).json({ status: lifecycle.state });
  });
  router.get('/health', async (_request, response) => {
    const outcome = await report();
    response.status(outcome.status === 'up' ? 200 : 503).json(outcome);
  });
  router.get('/metrics', async (_request, response) => {
    await report();
    response.type(registry.contentType).send(await registry.metrics());
  });
  return router;
}
