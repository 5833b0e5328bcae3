import { appIds } from '@unity-purchase/contracts';
import { createSidecar, runService, serveApp, startTelemetry } from '@unity-purchase/service-kit';
import { createApp } from './app.js';
import { configure } from './config.js';
import { createDependencies } from './dependencies.js';

await runService(
  appIds.purchaseService,
  () => configure(process.env),
  async (configuration, lifecycle, logger) => {
    lifecycle.onClose('telemetry', startTelemetry(appIds.purchaseService, configuration.tracing.endpoint));
    const { managementRouter, ...dependencies } = createDependencies(configuration, lifecycle, logger);
    const sidecar = createSidecar(configuration.dapr.httpPort, configuration.dapr.apiToken);
    lifecycle.onClose('sidecar', () => sidecar.close());
    await sidecar.waitUntilUp();
    // Routes exist before the port is open: Dapr takes a 404 for "drop this event".
    await serveApp(configuration.http, lifecycle, managementRouter, (management) =>
      createApp({ ...dependencies, management }),
    );
    logger.info(configuration.http, 'listening');
  },
);
