import express, { Router, type Express } from 'express';
import type { ManagementRoutes } from '../health/management-routes.js';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import { listen } from './http-server.js';
import { requestId } from './request-id.js';

/** Requests in flight have this long to finish once the service no longer takes new ones. */
const drainDeadlineMs = 10_000;

export type ServeSettings = { port: number; host: string; managementPort: number | undefined };

/**
 * Opens the service's port, and a second one for health and metrics if there is to be one, which answers until everything
 * else is closed. `create` gets what the service's own port answers of them: the probes, and the rest unless it moved.
 */
export async function serveApp(
  { port, host, managementPort }: ServeSettings,
  lifecycle: Lifecycle,
  { probes, insight }: ManagementRoutes,
  create: (management: Router) => Express,
): Promise<void> {
  if (managementPort !== undefined) {
    const separate = await listen(express().use(requestId, probes, insight), managementPort, host);
    lifecycle.onClose('management port', () => separate.close(0));
  }
  const management = managementPort === undefined ? Router().use(probes, insight) : probes;
  const server = await listen(create(management), port, host);
  lifecycle.onClose('port', () => server.close(drainDeadlineMs));
}
