import {
  purchaseIdTimeMs,
  type Activity,
  type Purchase,
  type RecordedPurchase,
} from '@unity-purchase/contracts';
import {
  createLogger,
  DaprError,
  type Invocation,
  type Invoke,
  type Publication,
} from '@unity-purchase/service-kit';
import { Router } from 'express';
import { Registry } from 'prom-client';
import request from 'supertest';
import { v7 } from 'uuid';
import { createApp } from '../../src/app.js';
import { createCatalogue, readCatalogue } from '../../src/catalogue/catalogue.js';
import type { TrustedProxies } from '../../src/config.js';
import { createDesk } from '../../src/operators/desk.js';
import { createOperatorPasses } from '../../src/operators/operator-passes.js';
import { createAcceptanceProofs } from '../../src/purchases/acceptance-proof.js';
import { LiveStreams } from '../../src/live/live-streams.js';
import { PurchaseNews } from '../../src/live/purchase-news.js';
import { hurrying, ShopperWatches } from '../../src/live/shopper-watches.js';
import { createPlacePurchase } from '../../src/purchases/place-purchase.js';
import { placementTelemetry } from '../../src/purchases/placement-telemetry.js';
import { createReadPurchaseStatus } from '../../src/purchases/purchase-status.js';
import { createRecordedPurchases } from '../../src/purchases/recorded-purchases.js';
import { readSessionSecrets } from '../../src/sessions/session-secrets.js';

const defaultCatalogue = await readCatalogue(new URL('../../catalogue.json', import.meta.url));

/** The shop's own app. What lies behind its sidecar, the broker and the purchase-service, is played by two functions. */
export function createTestApp(
  options: {
    secret?: string;
    operatorToken?: string;
    requestsPerMinuteMax?: number;
    trustedProxies?: TrustedProxies;
    /** Another one than the shop's own. */
    catalogue?: unknown;
  } = {},
) {
  const catalogue = options.catalogue === undefined ? defaultCatalogue : createCatalogue(options.catalogue);
  const published: Publication[] = [];
  const invoked: string[] = [];
  const logLines: string[] = [];
  const behind = {
    publish: (_publication: Publication): Promise<void> => Promise.resolve(),
    invoke: (
      _path: string,
      _method?: string,
      _headers?: Readonly<Record<string, string>>,
    ): Promise<Invocation> => Promise.resolve(notRecorded),
    ownActivity: { instance: 'storefront-1', intervalMs: 10_000, samples: [], checks: [] } as Activity,
  };
  const secrets = readSessionSecrets(options.secret ?? 'a'.repeat(64));
  const logger = createLogger(
    'test',
    { level: 'debug', format: 'json' },
    { write: (line: string) => logLines.push(line) },
  );
  const registry = new Registry();
  const now = () => new Date();
  const invoke: Invoke = (_appId, path, method = 'GET', headers = {}) => {
    invoked.push(path);
    return behind.invoke(path, method, headers);
  };
  const recordedPurchases = createRecordedPurchases(invoke);
  const { operatorToken } = options;
  const proofs = createAcceptanceProofs(secrets);
  const readPurchaseStatus = createReadPurchaseStatus({ recordedPurchases, proofs, logger, now });
  const watches = new ShopperWatches((shopperId) => recordedPurchases.page(shopperId, {}), {
    firstMs: 5,
    lastMs: 40,
    factor: 2,
  });
  const streams = new LiveStreams(registry, { perShopper: 3, perProcess: 5, lifetimeMs: 60_000 });
  const app = createApp({
    logger,
    registry,
    catalogue,
    session: { secrets, secure: false },
    requestsPerMinuteMax: options.requestsPerMinuteMax ?? 1_000,
    securityContact: 'mailto:security@shop.example',
    trustedProxies: options.trustedProxies ?? false,
    placePurchase: hurrying(
      createPlacePurchase({
        publish: async (publication) => {
          await behind.publish(publication);
          published.push(publication);
        },
        telemetry: placementTelemetry(registry, logger),
        now,
      }),
      watches,
    ),
    recordedPurchases,
    readPurchaseStatus,
    live: { news: new PurchaseNews({ watches, readPurchaseStatus, proofs }), streams },
    proofs,
    signInWays: { demo: true, openId: undefined },
    readApiToken: undefined,
    operators:
      operatorToken === undefined
        ? undefined
        : {
            passes: createOperatorPasses({ token: operatorToken, issuer: undefined }, now),
            desk: createDesk(invoke),
            ownActivity: () => Promise.resolve(behind.ownActivity),
          },
    newPurchaseId: v7,
    now,
    management: Router(),
  });
  return { app, behind, published, invoked, logLines, registry, streams, watches };
}

export type TestApp = ReturnType<typeof createTestApp>;

export const notRecorded: Invocation = {
  status: 404,
  body: { type: 'about:blank', title: 'Not Found', status: 404, code: 'purchase-not-recorded' },
};

export const unreachable = () => Promise.reject(new DaprError('not-sent', 'the sidecar cannot be reached'));
export const unanswered = () => Promise.reject(new DaprError('no-answer', 'the sidecar did not answer'));

/** A browser's form from the same site. */
export function sameSite(test: request.Test): request.Test {
  return test.set('Sec-Fetch-Site', 'same-origin');
}

/** The fields of the form that buys such lines (`mug*2`), as the page that offers it fills them. */
export function orderOf(purchaseId: string, line: string | string[], total: number, currency = 'EUR') {
  return { purchaseId, currency, line, total: String(total) };
}

/** A client that keeps cookies, signed in as a shopper. */
export async function signedIn({ app }: TestApp, id = 'ada', name = 'Ada') {
  const agent = request.agent(app);
  await sameSite(agent.post('/sign-in')).type('form').send({ id, name }).expect(303);
  return agent;
}

/** The purchase in a published event. */
export function purchaseIn(publication: Publication | undefined): Purchase {
  return (publication?.event as { data: Purchase }).data;
}

/** A purchase as the purchase-service answers it. */
export function recorded(purchase: Purchase): RecordedPurchase {
  return { purchase, recordedAt: new Date(purchaseIdTimeMs(purchase.purchaseId) + 1234).toISOString() };
}
