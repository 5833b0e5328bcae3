import type { Activity } from '@unity-purchase/contracts';
import { inLane, type Platform } from '@unity-purchase/service-kit';
import { v7 } from 'uuid';
import { createOrderCookie } from './checkout/order-cookie.js';
import { createRenewBasket } from './checkout/renew-basket.js';
import { createSubmitOrder } from './checkout/submit-order.js';
import type { Configuration } from './config.js';
import { createDesk } from './operators/desk.js';
import { DeskWatch, type DeskDelays } from './operators/desk-watch.js';
import { createLocalRunner } from './operators/local-runner.js';
import { createOperatorPasses } from './operators/operator-passes.js';
import { createAcceptanceProofs } from './purchases/acceptance-proof.js';
import { LiveStreams, type StreamLimits } from './live/live-streams.js';
import { LiveUpdates } from './live/live-updates.js';
import { notifyWatchers, ShopperWatchers, type PollDelays } from './live/shopper-watchers.js';
import { createReadStatusNow } from './purchases/demo-purchase.js';
import { createIsPurchaseOf } from './purchases/order-digests.js';
import { createPlaceOrder } from './purchases/place-order.js';
import { watchBroker } from './purchases/broker-health.js';
import { createPlacePurchase } from './purchases/place-purchase.js';
import { placementTelemetry } from './purchases/placement-telemetry.js';
import { RecentOrders } from './purchases/recent-orders.js';
import { createReadPurchaseStatus } from './purchases/purchase-status.js';
import { createRecordedPurchases } from './purchases/recorded-purchases.js';
import { rememberAccepted, UnrecordedPurchases } from './purchases/unrecorded-purchases.js';
import type { Inputs } from './read-inputs.js';
import type { SignInWays } from './routes/sign-in-pages.js';
import { readSessionSecrets } from './sessions/session-secrets.js';
import type { SessionSettings } from './sessions/session.js';
import { demoMethod, issuerMethod, type SignInMethod } from './sessions/sign-in-method.js';
import { createReadApiToken, type ReadApiToken } from './sign-in/api-tokens.js';
import { createAttemptCookie } from './sign-in/attempt-cookie.js';
import { createFindIssuer, type OpenIdSettings } from './sign-in/openid-issuer.js';
import { createOpenIdSignIn } from './sign-in/openid-sign-in.js';
import { signInTelemetry, type SignInTelemetry } from './sign-in/sign-in-telemetry.js';

export type Dependencies = ReturnType<typeof createDependencies>;

/** Builds the objects that the shop consists of. Tests override the delays and limits of live updates and of the desk. */
export function createDependencies(
  configuration: Configuration,
  { gateway, registry, logger }: Platform<'publish' | 'invoke'>,
  { catalogue, clientSecret, sessionSecret }: Inputs,
  overrides: { pollDelays?: PollDelays; streamLimits?: StreamLimits; deskDelays?: DeskDelays } = {},
) {
  const {
    behindTls,
    demoSignIn,
    localRunnerToken,
    openId,
    operatorToken,
    publicUrl,
    requestsPerClientMax,
    requestsPerMinuteMax,
    runbooksUrl,
    securityContact,
    trustedProxies,
  } = configuration;
  const secrets = readSessionSecrets(sessionSecret);
  const session = { secrets, secure: behindTls };
  const now = () => new Date();
  const newPurchaseId = () => v7();
  const recordedPurchases = createRecordedPurchases(gateway.invoke);
  const isPurchaseOf = createIsPurchaseOf(catalogue);
  const proofs = createAcceptanceProofs(secrets, isPurchaseOf);
  const readPurchaseStatus = createReadPurchaseStatus({ recordedPurchases, proofs, logger, now });
  const watchers = new ShopperWatchers(
    (shopperId) => inLane('live', () => recordedPurchases.page(shopperId, {})),
    overrides.pollDelays,
  );
  const broker = watchBroker(
    createPlacePurchase({
      publish: gateway.publish,
      telemetry: placementTelemetry(registry, logger),
    }),
    now,
  );
  const unrecorded = new UnrecordedPurchases(recordedPurchases.find, now);
  const hasOperators = operatorToken !== undefined || openId !== undefined;
  // Only the desk asks for them.
  const remembered = hasOperators ? rememberAccepted(broker.placePurchase, unrecorded) : broker.placePurchase;
  const placePurchase = notifyWatchers(remembered, watchers);
  const placeOrder = createPlaceOrder({
    placePurchase,
    recordedPurchases,
    recentOrders: new RecentOrders(),
    isPurchaseOf,
    now,
  });
  const desk = createDesk(gateway.invoke);
  return {
    logger,
    registry,
    catalogue,
    session,
    ...signInWays(openId && { ...openId, clientSecret }, session, demoSignIn, signInTelemetry(registry)),
    requestsPerClientMax,
    requestsPerMinuteMax,
    securityContact,
    publicUrl,
    behindTls,
    trustedProxies,
    placeOrder,
    submitOrder: createSubmitOrder({ catalogue, placeOrder, newPurchaseId, now }),
    renewBasket: createRenewBasket({ catalogue, recordedPurchases, newPurchaseId }),
    recordedPurchases,
    readPurchaseStatus,
    proofs,
    orderCookie: createOrderCookie(session, catalogue),
    live: {
      updates: new LiveUpdates({
        watchers,
        readPurchaseStatus: (...of) => inLane('live', () => readPurchaseStatus(...of)),
        proofs,
      }),
      streams: new LiveStreams(registry, overrides.streamLimits),
    },
    operators: hasOperators
      ? {
          passes: createOperatorPasses({ token: operatorToken, issuer: openId?.issuer }, now),
          desk,
          runbooksUrl,
          createWatch: (readOwn: () => Promise<Activity>) =>
            new DeskWatch({ readOwn, desk, unrecorded, now, delays: overrides.deskDelays }),
        }
      : undefined,
    /** Only for a system that the local runner started: see `demoPagesRouter`. */
    demo:
      localRunnerToken === undefined
        ? undefined
        : {
            runner: createLocalRunner(gateway.invoke, localRunnerToken),
            readStatusNow: createReadStatusNow({ readPurchaseStatus, proofs }),
          },
    healthChecks: [broker.check],
    newPurchaseId,
    now,
  };
}

/** The sign-in methods: with any name (demo), with an OpenID issuer, or both. */
function signInWays(
  settings: OpenIdSettings | undefined,
  session: SessionSettings,
  demo: boolean,
  telemetry: SignInTelemetry,
): { signInWays: SignInWays; signInMethods: SignInMethod[]; readApiToken: ReadApiToken | undefined } {
  const demoMethods = demo ? [demoMethod] : [];
  if (settings === undefined)
    return {
      signInWays: { demo, openId: undefined },
      signInMethods: demoMethods,
      readApiToken: undefined,
    };
  const method = issuerMethod(settings.issuer);
  const findIssuer = createFindIssuer(settings);
  const { apiAudience: audience } = settings;
  return {
    signInWays: {
      demo,
      openId: {
        signIn: createOpenIdSignIn(settings, findIssuer, telemetry),
        attempts: createAttemptCookie(session),
        method,
      },
    },
    signInMethods: [...demoMethods, method],
    readApiToken:
      audience === undefined ? undefined : createReadApiToken({ ...settings, audience }, findIssuer),
  };
}
