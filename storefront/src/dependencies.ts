import { components } from '@unity-purchase/contracts';
import {
  createDaprGateway,
  managementRoutes,
  type Lifecycle,
  type Logger,
  type Sidecar,
} from '@unity-purchase/service-kit';
import type { Router } from 'express';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { v7 } from 'uuid';
import type { AppDependencies } from './app.js';
import { readCatalogue } from './catalogue/catalogue.js';
import type { Configuration } from './config.js';
import { createAcceptanceProofs } from './purchases/acceptance-proof.js';
import { createPlacePurchase } from './purchases/place-purchase.js';
import { placementTelemetry } from './purchases/placement-telemetry.js';
import { createReadPurchaseStatus } from './purchases/purchase-status.js';
import { createRecordedPurchases } from './purchases/recorded-purchases.js';

const defaultCatalogue = new URL('../catalogue.json', import.meta.url);

/** The secret that seals sessions, in the Dapr secret store. */
const sessionSecretName = 'session';

/** Builds everything the shop is made of, once, from its configuration and its sidecar's secrets. */
export async function createDependencies(
  configuration: Configuration,
  sidecar: Sidecar,
  lifecycle: Lifecycle,
  logger: Logger,
): Promise<Omit<AppDependencies, 'management'> & { managementRouter: Router }> {
  const { dapr, behindTls, catalogueFile } = configuration;
  const gateway = createDaprGateway(dapr.httpPort, dapr.apiToken);
  lifecycle.onClose('sidecar connections', () => gateway.close());
  const secret = await sidecar.secret(components.secrets, sessionSecretName);
  const now = () => new Date();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const recordedPurchases = createRecordedPurchases(gateway.invoke);
  const proofs = createAcceptanceProofs(secret);
  return {
    logger,
    registry,
    catalogue: await readCatalogue(catalogueFile ?? defaultCatalogue),
    session: { secret, secure: behindTls },
    placePurchase: createPlacePurchase({
      publish: gateway.publish,
      telemetry: placementTelemetry(registry, logger),
      now,
    }),
    recordedPurchases,
    readPurchaseStatus: createReadPurchaseStatus({ recordedPurchases, proofs, now }),
    proofs,
    newPurchaseId: v7,
    now,
    managementRouter: managementRoutes(
      lifecycle,
      [{ name: 'sidecar', check: () => gateway.check() }],
      registry,
    ),
  };
}
