import type { Registry } from 'prom-client';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import type { Logger } from '../logs/logger.js';
import { activityReport, RecentActivity, type ActivityMetrics } from '../metrics/recent-activity.js';
import type { HealthCheck } from './health-checks.js';
import { managementRoutes, type ManagementRoutes } from './management-routes.js';

export type MonitoringOptions = {
  instanceName: string;
  checks: readonly HealthCheck[];
  /** The metrics whose recent changes `readActivity` reports. */
  activityMetrics: ActivityMetrics;
  lifecycle: Lifecycle;
  registry: Registry;
  logger: Logger;
};

/** Reports what this process did in the last minutes, and the results of its health checks. */
export type ReadActivity = () => ReturnType<typeof activityReport>;

/** What operators, probes and Prometheus read about a running service. */
export type Monitoring = ManagementRoutes & {
  /** Takes samples once it is started. */
  recentActivity: RecentActivity;
  readActivity: ReadActivity;
};

/** Sets up monitoring; once for each registry. */
export function createMonitoring(options: MonitoringOptions): Monitoring {
  const { instanceName, checks, activityMetrics, lifecycle, registry, logger } = options;
  const routes = managementRoutes(lifecycle, checks, registry, logger);
  const recentActivity = new RecentActivity(registry, activityMetrics, () => new Date());
  return {
    ...routes,
    recentActivity,
    readActivity: () => activityReport(instanceName, recentActivity, routes.report),
  };
}
