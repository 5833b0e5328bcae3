import { appIds } from '@unity-purchase/contracts';
import { createSidecar, runService, serveApp, startTelemetry } from '@unity-purchase/service-kit';
import { createApp } from './app.js';
import { configure } from './config.js';
import { createDependencies } from './dependencies.js';

await runService(
  appIds.storefront,
  () => configure(process.env),
  async (configuration, lifecycle, logger) => {
    lifecycle.onClose('telemetry', startTelemetry(appIds.storefront, configuration.tracing.endpoint));
    const sidecar = createSidecar(configuration.dapr.httpPort, configuration.dapr.apiToken);
    lifecycle.onClose('sidecar', () => sidecar.close());
    await sidecar.waitUntilUp();
    const { managementRouter, ...dependencies } = await createDependencies(
      configuration,
      sidecar,
      lifecycle,
      logger,
    );
    await serveApp(configuration.http, lifecycle, managementRouter, (management) =>
      createApp({ ...dependencies, management }),
    );
    logger.info(configuration.http, 'listening');
  },
);
