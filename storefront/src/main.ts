import { appIds, components } from '@unity-purchase/contracts';
import {
  createDaprGateway,
  createSecretReader,
  runService,
  serveApp,
  startTelemetry,
} from '@unity-purchase/service-kit';
import { createApp } from './app.js';
import { configure } from './config.js';
import { createDependencies } from './dependencies.js';
import { busyPage } from './pages/busy-page.js';

/** The secret that seals sessions, in the Dapr secret store. */
const sessionSecretName = 'session';

await runService(
  appIds.storefront,
  () => configure(process.env),
  async (configuration, lifecycle, logger) => {
    const { dapr, http, tracing } = configuration;
    lifecycle.onClose('telemetry', startTelemetry(appIds.storefront, tracing.endpoint));
    const gateway = createDaprGateway(dapr.httpPort, dapr.apiToken);
    lifecycle.onClose('sidecar connections', () => gateway.close());
    await gateway.waitUntilUp(dapr.waitMs);
    const secrets = createSecretReader(dapr.httpPort, dapr.apiToken);
    lifecycle.onClose('secrets', () => secrets.close());
    const secret = await secrets.read(components.secrets, sessionSecretName);
    const clientSecretName = configuration.openId?.clientSecretName;
    const clientSecret =
      clientSecretName === undefined ? undefined : await secrets.read(components.secrets, clientSecretName);
    const { managementRoutes, recentActivity, ...dependencies } = await createDependencies(
      configuration,
      { gateway, secret, clientSecret },
      lifecycle,
      logger,
    );
    await serveApp(
      http,
      lifecycle,
      managementRoutes,
      (management) => createApp({ ...dependencies, management }),
      { registry: dependencies.registry, always: [], busyPage },
    );
    recentActivity.start();
    lifecycle.onClose('activity', () => {
      recentActivity.close();
    });
    // Closed first, when those who send requests have had time to notice: they find another replica.
    lifecycle.onClose('streams', () => {
      dependencies.live.streams.close();
    });
    logger.info(http, 'listening');
  },
);
