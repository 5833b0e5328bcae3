import type { RequestListener } from 'node:http';
import { createLogger, Lifecycle, serveApp } from '@unity-purchase/service-kit';
import { Router } from 'express';
import type { Registry } from 'prom-client';
import { createTestApp, type TestAppOptions } from './test-app.js';

/** Serves the app of a service on a real port, behind its admission. `close` ends it. */
export async function serveBehindAdmission(app: RequestListener, registry: Registry, requestsMax: number) {
  const lifecycle = new Lifecycle(createLogger('test', { level: 'silent', format: 'json' }));
  const none = Router();
  const { port } = await serveApp(
    {
      port: 0,
      host: '127.0.0.1',
      managementPort: undefined,
      keepAliveMs: 5_000,
      admission: { requestsMax, eventLoopDelayMaxMs: 60_000 },
    },
    lifecycle,
    { probes: none, insight: none, report: () => Promise.resolve({ status: 'up', checks: [] }) },
    () => app,
    { registry, always: [] },
  );
  return { port, close: () => lifecycle.stop(0) };
}

/** The shop on a real port, behind its admission. `close` ends it. */
export async function serveTestApp({ requestsMax, ...options }: TestAppOptions & { requestsMax: number }) {
  const shop = createTestApp(options);
  return { ...shop, ...(await serveBehindAdmission(shop.app, shop.registry, requestsMax)) };
}
