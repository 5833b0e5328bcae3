import {
  localRunnerEndpoint,
  purchaseIdTimeMs,
  shopperKey,
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
  type ReadActivity,
} from '@unity-purchase/service-kit';
import { Router } from 'express';
import { Registry } from 'prom-client';
import request from 'supertest';
import { createApp } from '../../src/app.js';
import { createCatalogue, readCatalogue } from '../../src/catalogue/catalogue.js';
import { configure, type Configuration } from '../../src/config.js';
import { createDependencies } from '../../src/dependencies.js';

const defaultCatalogue = await readCatalogue(new URL('../../catalogue.json', import.meta.url));

const configuration: Configuration = {
  ...configure({ PORT: '8080', DAPR_HTTP_PORT: '3500' }),
  requestsPerMinuteMax: 1_000,
  securityContact: 'mailto:security@shop.example',
};

/** Short delays, so that tests can wait for live updates, and low limits. */
const overrides = {
  pollDelays: { firstMs: 5, lastMs: 40, factor: 2 },
  streamLimits: { perShopper: 3, perProcess: 5, lifetimeMs: 60_000 },
  // Other pages of the desk do not read the status, so that tests see only the requests of the page itself.
  deskDelays: { freshMs: 0, pollMs: 5, backgroundMs: Infinity },
};

export type TestAppOptions = Partial<
  Pick<
    Configuration,
    | 'behindTls'
    | 'demoSignIn'
    | 'localRunnerToken'
    | 'openId'
    | 'operatorToken'
    | 'publicUrl'
    | 'requestsPerClientMax'
    | 'requestsPerMinuteMax'
    | 'trustedProxies'
  >
> & {
  secret?: string;
  /** Replaces the shop's own catalogue. */
  catalogue?: unknown;
};

/** The shop's app with a fake gateway. The functions in `behind` replace the broker and the purchase-service. */
export function createTestApp({ secret = 'a'.repeat(64), catalogue, ...settings }: TestAppOptions = {}) {
  const published: Publication[] = [];
  const invoked: string[] = [];
  const logLines: string[] = [];
  const behind = {
    publish: (_publication: Publication): Promise<void> => Promise.resolve(),
    invoke: (
      _path: string,
      _method?: string,
      _headers?: Readonly<Record<string, string>>,
      _signal?: AbortSignal,
      _body?: object,
    ): Promise<Invocation> => Promise.resolve(notRecorded),
    /** The local runner, which the sidecar reaches under a name of its own. */
    runner: (
      _path: string,
      _method: string,
      _headers: Readonly<Record<string, string>>,
    ): Promise<Invocation> => Promise.reject(new DaprError('failed', 'there is no local runner')),
    ownActivity: { instance: 'storefront-1', intervalMs: 10_000, samples: [], checks: [] } as Activity,
  };
  const gateway = {
    publish: async (publication: Publication) => {
      await behind.publish(publication);
      published.push(publication);
    },
    invoke: ((appId, path, { method = 'GET', headers = {}, signal, body } = {}) => {
      if (appId === localRunnerEndpoint) return behind.runner(path, method, headers);
      invoked.push(path);
      return behind.invoke(path, method, headers, signal, body);
    }) satisfies Invoke,
  };
  const logger = createLogger(
    'test',
    { level: 'debug', format: 'json' },
    { write: (line: string) => logLines.push(line) },
  );
  const registry = new Registry();
  const inputs = {
    sessionSecret: secret,
    clientSecret: undefined,
    catalogue: catalogue === undefined ? defaultCatalogue : createCatalogue(catalogue),
  };
  const dependencies = createDependencies(
    { ...configuration, ...settings },
    { gateway, registry, logger },
    inputs,
    overrides,
  );
  const { streams } = dependencies.live;
  const app = createApp(dependencies, {
    management: Router(),
    // Also without what an earlier version did not report.
    readActivity: () => Promise.resolve(behind.ownActivity) as ReturnType<ReadActivity>,
  });
  return { app, behind, published, invoked, logLines, registry, streams };
}

export type TestApp = ReturnType<typeof createTestApp>;

export const notRecorded: Invocation = {
  status: 404,
  body: { type: 'about:blank', title: 'Not Found', status: 404, code: 'purchase-not-recorded' },
};

export const unreachable = () => Promise.reject(new DaprError('not-sent', 'the sidecar cannot be reached'));
export const unanswered = () => Promise.reject(new DaprError('no-answer', 'the sidecar did not answer'));

/** Sends a form as a browser does from a page of the shop. */
export function sameSite(test: request.Test): request.Test {
  return test.set('Sec-Fetch-Site', 'same-origin');
}

/** The fields of Ada's checkout form for lines such as `mug*2*1600`: item, quantity and shown price. */
export function orderOf(purchaseId: string, line: string | string[], currency = 'EUR') {
  return { purchaseId, currency, line, person: shopperKey('ada') };
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

/** A recorded purchase as the purchase-service returns it. */
export function recorded(purchase: Purchase): RecordedPurchase {
  return {
    purchase,
    recordedAt: new Date(
      (purchaseIdTimeMs(purchase.purchaseId) ?? Date.parse(purchase.placedAt)) + 1234,
    ).toISOString(),
  };
}
