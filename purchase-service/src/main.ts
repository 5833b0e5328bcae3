import { appIds, eventRoutes } from '@unity-purchase/contracts';
import { createDaprGateway, runService, serveApp, startTelemetry } from '@unity-purchase/service-kit';
import { createApp } from './app.js';
import { configure } from './config.js';
import { createDependencies } from './dependencies.js';

await runService(
  appIds.purchaseService,
  () => configure(process.env),
  async (configuration, lifecycle, logger) => {
    const { dapr, http, tracing } = configuration;
    lifecycle.onClose('telemetry', startTelemetry(appIds.purchaseService, tracing.endpoint));
    const gateway = createDaprGateway(dapr.httpPort, dapr.apiToken);
    lifecycle.onClose('sidecar connections', () => gateway.close());
    await gateway.waitUntilUp(dapr.waitMs);
    const { managementRoutes, recentActivity, ...dependencies } = createDependencies(
      configuration,
      gateway,
      lifecycle,
      logger,
    );
    // Routes exist before the port is open: Dapr takes a 404 for "drop this event".
    await serveApp(
      http,
      lifecycle,
      managementRoutes,
      (management) => createApp({ ...dependencies, management }),
      // The broker bounds what is delivered at once, and what is refused would only come again.
      { registry: dependencies.registry, always: Object.values(eventRoutes) },
    );
    recentActivity.start();
    lifecycle.onClose('activity', () => {
      recentActivity.close();
    });
    logger.info(http, 'listening');
  },
);
