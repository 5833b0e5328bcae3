import {
  managementRoutes,
  type DaprGateway,
  type Lifecycle,
  type Logger,
  type ManagementRoutes,
} from '@unity-purchase/service-kit';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { v7 } from 'uuid';
import type { AppDependencies } from './app.js';
import { readCatalogue } from './catalogue/catalogue.js';
import type { Configuration } from './config.js';
import { createDeadLetterDesk } from './operators/dead-letter-desk.js';
import { createOperatorPasses } from './operators/operator-passes.js';
import { createAcceptanceProofs } from './purchases/acceptance-proof.js';
import { createPlacePurchase } from './purchases/place-purchase.js';
import { placementTelemetry } from './purchases/placement-telemetry.js';
import { createReadPurchaseStatus } from './purchases/purchase-status.js';
import { createRecordedPurchases } from './purchases/recorded-purchases.js';
import { readSessionSecrets } from './sessions/session-secrets.js';

const defaultCatalogue = new URL('../catalogue.json', import.meta.url);

/** Builds everything the shop is made of, once, from its configuration and its sidecar's secrets. */
export async function createDependencies(
  configuration: Configuration,
  { gateway, secret }: { gateway: DaprGateway; secret: string },
  lifecycle: Lifecycle,
  logger: Logger,
): Promise<Omit<AppDependencies, 'management'> & { managementRoutes: ManagementRoutes }> {
  const { behindTls, catalogueFile, operatorToken, requestsPerMinuteMax, trustedProxies } = configuration;
  const secrets = readSessionSecrets(secret);
  const now = () => new Date();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const recordedPurchases = createRecordedPurchases(gateway.invoke);
  const proofs = createAcceptanceProofs(secrets);
  return {
    logger,
    registry,
    catalogue: await readCatalogue(catalogueFile ?? defaultCatalogue),
    session: { secrets, secure: behindTls },
    requestsPerMinuteMax,
    trustedProxies,
    placePurchase: createPlacePurchase({
      publish: gateway.publish,
      telemetry: placementTelemetry(registry, logger),
      now,
    }),
    recordedPurchases,
    readPurchaseStatus: createReadPurchaseStatus({ recordedPurchases, proofs, logger, now }),
    proofs,
    operators:
      operatorToken === undefined
        ? undefined
        : { passes: createOperatorPasses(operatorToken, now), desk: createDeadLetterDesk(gateway.invoke) },
    newPurchaseId: v7,
    now,
    managementRoutes: managementRoutes(
      lifecycle,
      [{ name: 'sidecar', check: () => gateway.check() }],
      registry,
      logger,
    ),
  };
}
