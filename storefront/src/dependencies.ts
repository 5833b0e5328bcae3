import {
  managementRoutes,
  RecentActivity,
  tellActivity,
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
import { createDesk } from './operators/desk.js';
import { createOperatorPasses } from './operators/operator-passes.js';
import { createAcceptanceProofs } from './purchases/acceptance-proof.js';
import { storefrontCounts } from './pages/desk-overview.js';
import { LiveStreams } from './live/live-streams.js';
import { PurchaseNews } from './live/purchase-news.js';
import { hurrying, ShopperWatches } from './live/shopper-watches.js';
import { createPlacePurchase } from './purchases/place-purchase.js';
import { placementTelemetry } from './purchases/placement-telemetry.js';
import { createReadPurchaseStatus } from './purchases/purchase-status.js';
import { createRecordedPurchases } from './purchases/recorded-purchases.js';
import { readSessionSecrets } from './sessions/session-secrets.js';
import type { SessionSettings } from './sessions/session.js';
import { createReadApiToken } from './sign-in/api-tokens.js';
import { createAttemptCookie } from './sign-in/attempt-cookie.js';
import { createFindIssuer, type OpenIdSettings } from './sign-in/openid-issuer.js';
import { createOpenIdSignIn } from './sign-in/openid-sign-in.js';

const defaultCatalogue = new URL('../catalogue.json', import.meta.url);

/** Builds everything the shop is made of, once, from its configuration and its sidecar's secrets. */
export async function createDependencies(
  configuration: Configuration,
  {
    gateway,
    secret,
    clientSecret,
  }: { gateway: DaprGateway; secret: string; clientSecret?: string | undefined },
  lifecycle: Lifecycle,
  logger: Logger,
): Promise<
  Omit<AppDependencies, 'management'> & {
    managementRoutes: ManagementRoutes;
    recentActivity: RecentActivity;
  }
> {
  const {
    behindTls,
    catalogueFile,
    demoSignIn,
    openId,
    operatorToken,
    requestsPerMinuteMax,
    securityContact,
    trustedProxies,
  } = configuration;
  const secrets = readSessionSecrets(secret);
  const session = { secrets, secure: behindTls };
  const now = () => new Date();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const recordedPurchases = createRecordedPurchases(gateway.invoke);
  const proofs = createAcceptanceProofs(secrets);
  const readPurchaseStatus = createReadPurchaseStatus({ recordedPurchases, proofs, logger, now });
  const placePurchase = createPlacePurchase({
    publish: gateway.publish,
    telemetry: placementTelemetry(registry, logger),
    now,
  });
  const watches = new ShopperWatches((shopperId) => recordedPurchases.page(shopperId, {}));
  const management = managementRoutes(
    lifecycle,
    [{ name: 'sidecar', check: () => gateway.check() }],
    registry,
    logger,
  );
  const { accepted, notPlaced, requests } = storefrontCounts;
  const recentActivity = new RecentActivity({
    registry,
    counters: {
      [accepted]: 'purchases_accepted_total',
      [notPlaced]: 'purchases_not_placed_total',
      [requests]: 'http_requests_total',
    },
    histograms: {},
    now,
  });
  return {
    logger,
    registry,
    catalogue: await readCatalogue(catalogueFile ?? defaultCatalogue),
    session,
    ...openIdParts(openId && { ...openId, clientSecret }, session, demoSignIn),
    requestsPerMinuteMax,
    securityContact,
    trustedProxies,
    placePurchase: hurrying(placePurchase, watches),
    recordedPurchases,
    readPurchaseStatus,
    proofs,
    live: {
      news: new PurchaseNews({ watches, readPurchaseStatus, proofs }),
      streams: new LiveStreams(registry),
    },
    operators:
      operatorToken === undefined && openId === undefined
        ? undefined
        : {
            passes: createOperatorPasses({ token: operatorToken, issuer: openId?.issuer }, now),
            desk: createDesk(gateway.invoke),
            ownActivity: () => tellActivity(configuration.instanceName, recentActivity, management.report),
          },
    newPurchaseId: v7,
    now,
    recentActivity,
    managementRoutes: management,
  };
}

/** How one signs in: as anybody, where an issuer says who one is, or either way. */
function openIdParts(
  settings: OpenIdSettings | undefined,
  session: SessionSettings,
  demo: boolean,
): Pick<AppDependencies, 'signInWays' | 'readApiToken'> {
  if (settings === undefined) return { signInWays: { demo, openId: undefined }, readApiToken: undefined };
  const findIssuer = createFindIssuer(settings);
  const { apiAudience: audience } = settings;
  return {
    signInWays: {
      demo,
      openId: {
        signIn: createOpenIdSignIn(settings, findIssuer),
        attempts: createAttemptCookie(session),
      },
    },
    readApiToken:
      audience === undefined ? undefined : createReadApiToken({ ...settings, audience }, findIssuer),
  };
}
