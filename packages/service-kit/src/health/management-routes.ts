import { Router } from 'express';
import { Gauge, type Registry } from 'prom-client';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import type { Logger } from '../logs/logger.js';
import { managementPaths } from './management-paths.js';
import { createHealthReporter, type HealthCheck, type HealthReport } from './health-checks.js';

/** The routes of health and metrics. */
export type ManagementRoutes = {
  /**
   * `/health/live` is up while the process answers at all. `/health/ready` is up from the end of the start to the beginning of
   * the stop. Both are always served on the service's own port: the sidecar asks there and delivers nothing to a service that
   * is not ready.
   */
  probes: Router;
  /** `/health` runs all checks and answers 503 if one fails; `/metrics` is the Prometheus text, with the checks' results. */
  insight: Router;
  /** The answer of `/health`, at most a second old. */
  report: () => Promise<HealthReport>;
};

/** Creates the routes of health and metrics; once for each registry. */
export function managementRoutes(
  lifecycle: Lifecycle,
  checks: readonly HealthCheck[],
  registry: Registry,
  logger: Logger,
): ManagementRoutes {
  const report = createHealthReporter(checks, logger);
  return { probes: probeRoutes(lifecycle), insight: insightRoutes(report, registry), report };
}

function probeRoutes(lifecycle: Lifecycle): Router {
  const router = Router();
  router.get(`${managementPaths.health}/live`, (_request, response) => {
    response.json({ status: 'up' });
  });
  router.get(`${managementPaths.health}/ready`, (_request, response) => {
    response.status(lifecycle.isReady ? 200 : 503).json({ status: lifecycle.state });
  });
  return router;
}

function insightRoutes(report: () => Promise<HealthReport>, registry: Registry): Router {
  const results = new Gauge({
    name: 'health_check_up',
    help: 'Whether a part worked when it was last asked: 1 or 0',
    labelNames: ['check'],
    registers: [registry],
  });
  const router = Router();
  router.get(managementPaths.health, async (_request, response) => {
    const outcome = await report();
    response.status(outcome.status === 'up' ? 200 : 503).json(outcome);
  });
  router.get(managementPaths.metrics, async (_request, response) => {
    for (const { name, status } of (await report()).checks)
      results.set({ check: name }, status === 'up' ? 1 : 0);
    response.type(registry.contentType).send(await registry.metrics());
  });
  return router;
}
