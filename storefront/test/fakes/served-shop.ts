import { createLogger, Lifecycle, serveApp } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { createTestApp, type TestAppOptions } from './test-app.js';

/** The shop on a real port, behind its admission. `close` ends it. */
export async function serveTestApp({ requestsMax, ...options }: TestAppOptions & { requestsMax: number }) {
  const shop = createTestApp(options);
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
    {
      probes: none,
      insight: none,
      report: () => Promise.resolve({ status: 'up', checks: [] }),
    },
    () => shop.app,
    { registry: shop.registry, always: [] },
  );
  return { ...shop, port, close: () => lifecycle.stop(0) };
}
