import express, { type Express, type Router } from 'express';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import { listen } from './http-server.js';
import { requestId } from './request-id.js';

/** Requests in flight have this long to finish once the service no longer takes new ones. */
const drainDeadlineMs = 10_000;

export type ServeSettings = { port: number; host: string; managementPort: number | undefined };

/**
 * Opens the service's port, and a second one for health and metrics if there is to be one: then `create` gets no
 * management routes, and they answer there until everything else is closed.
 */
export async function serveApp(
  { port, host, managementPort }: ServeSettings,
  lifecycle: Lifecycle,
  management: Router,
  create: (management: Router | undefined) => Express,
): Promise<void> {
  if (managementPort !== undefined) {
    const separate = await listen(express().use(requestId, management), managementPort, host);
    lifecycle.onClose('management port', () => separate.close(0));
  }
  const server = await listen(create(managementPort === undefined ? management : undefined), port, host);
  lifecycle.onClose('port', () => server.close(drainDeadlineMs));
}
