import type { RequestListener } from 'node:http';
import express, { Router } from 'express';
import { managementPaths } from '../health/management-paths.js';
import type { ManagementRoutes } from '../health/management-routes.js';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import { createAdmission, type AdmissionLimits, type AdmissionOptions } from './admission.js';
import { listen } from './http-server.js';
import { requestId } from './request-id.js';

/** How long requests in flight may take to finish once the port is closed to new ones. */
const drainDeadlineMs = 10_000;

export type ServeSettings = {
  port: number;
  host: string;
  managementPort: number | undefined;
  admission: AdmissionLimits;
  /** How long an idle connection stays open: longer than the proxies in front keep it. */
  keepAliveMs: number;
};

/**
 * Opens the service's port and, if configured, a second one for health and metrics, which is closed last. `create` gets the
 * management routes of the service's own port: the probes, and the others unless they have their own port. Admission applies to
 * all paths except health, metrics and those in `always`. Resolves to the service's own port.
 */
export async function serveApp(
  { port, host, managementPort, admission: limits, keepAliveMs }: ServeSettings,
  lifecycle: Lifecycle,
  { probes, insight }: ManagementRoutes,
  create: (management: Router) => RequestListener,
  { always, ...rest }: AdmissionOptions,
): Promise<{ port: number }> {
  const timeouts = { keepAliveTimeoutMs: keepAliveMs };
  if (managementPort !== undefined) {
    const separate = await listen(express().use(requestId, probes, insight), managementPort, host, timeouts);
    lifecycle.onClose('management port', () => separate.close(0));
  }
  const management = managementPort === undefined ? Router().use(probes, insight) : probes;
  const admission = createAdmission(limits, {
    ...rest,
    always: [...Object.values(managementPaths), ...always],
  });
  lifecycle.onClose('admission', admission.close);
  const server = await listen(admission.guard(create(management)), port, host, {
    ...timeouts,
    isStopping: () => lifecycle.state === 'stopping',
  });
  lifecycle.onClose('port', () => server.close(drainDeadlineMs));
  return { port: server.port };
}
