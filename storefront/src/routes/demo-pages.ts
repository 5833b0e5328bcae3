import {
  purchaseIdSchema,
  pausablePartSchema,
  pauseSecondsSchema,
  shopperKey,
  type Shopper,
} from '@unity-purchase/contracts';
import { clientSignal, eventStreamHeaders, inLane } from '@unity-purchase/service-kit';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { basketOf } from '../basket/basket-cookie.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { SubmitOrder } from '../checkout/submit-order.js';
import { followDemo } from '../live/demo-updates.js';
import type { LiveStreams } from '../live/live-streams.js';
import type { LiveUpdates } from '../live/live-updates.js';
import { localeOf } from '../middleware/page-locale.js';
import { limitRate } from '../middleware/rate-limit.js';
import { operatorOf, requireOperator } from '../middleware/require-operator.js';
import type { LocalRunner } from '../operators/local-runner.js';
import type { OperatorPasses } from '../operators/operator-passes.js';
import { pauseChoices, viewDemo } from '../pages/demo-view.js';
import { readOrderForm } from '../pages/order-form.js';
import { readForm } from '../pages/read-form.js';
import { demoPath, paths, type DemoQuery } from '../paths.js';
import type { AcceptanceProofs } from '../purchases/acceptance-proof.js';
import { demoLine, demoShopper, type ReadStatusNow } from '../purchases/demo-purchase.js';
import { sessionOf } from '../sessions/session.js';

/** More than people press, and few enough that a program cannot keep the system paused by the thousand. */
const pausesPerMinuteMax = 30;

const pauseForm = z.strictObject({ part: pausablePartSchema, seconds: pauseSecondsSchema });

/** What is not valid is left out: the page is useful without it. */
const querySchema = z.object({
  purchase: purchaseIdSchema.optional().catch(undefined),
  accepted: z.string().max(100).optional().catch(undefined),
  part: pausablePartSchema.optional().catch(undefined),
  seconds: z.enum(pauseChoices).optional().catch(undefined),
});

export type DemoPagesDependencies = {
  passes: OperatorPasses;
  runner: LocalRunner;
  catalogue: Catalogue;
  submitOrder: SubmitOrder;
  proofs: Pick<AcceptanceProofs, 'issue' | 'read'>;
  readStatusNow: ReadStatusNow;
  updates: LiveUpdates;
  streams: LiveStreams;
  newPurchaseId: () => string;
};

/**
 * The page "Watch it survive": operators pause a part of a local system and watch what happens to a purchase. The app has these routes
 * only if the local runner started it.
 */
export function demoPagesRouter(dependencies: DemoPagesDependencies): Router {
  const { passes, runner, catalogue, submitOrder, proofs, readStatusNow } = dependencies;
  const router = Router();
  router.use(paths.demo, requireOperator(passes));

  router.get(paths.demo, async (request, response) => {
    const locale = localeOf(response);
    const query = readQuery(request);
    const buyer = buyerOf(response);
    const signal = clientSignal(response);
    const [parts, status] = await Promise.all([
      // The page also says that the runner does not answer.
      runner.parts(signal).catch(() => undefined),
      query.purchase === undefined
        ? undefined
        : readStatusNow(buyer.id, query.purchase, query.accepted, signal),
    ]);
    const { currency } = basketOf(response).basket;
    response.render('demo', {
      title: locale.texts.desk.demo.title,
      ...viewDemo({
        parts,
        query: status === undefined ? { ...query, purchase: undefined, accepted: undefined } : query,
        status,
        placedAtMs: proofs.read(query.accepted, buyer.id, query.purchase ?? '')?.placedAtMs,
        buyer,
        line: demoLine(catalogue, { currency, language: locale.language }),
        currency,
        newPurchaseId: dependencies.newPurchaseId,
        texts: locale.texts,
      }),
    });
  });

  router.post(paths.demoPauses, limitRate(pausesPerMinuteMax), async (request, response) => {
    const { part, seconds } = readForm(pauseForm, request.body);
    await runner.pause(part, seconds);
    response.redirect(303, demoPath({ ...readQuery(request), part, seconds: String(seconds) }));
  });

  router.post(paths.demoPurchases, async (request, response) => {
    const { language } = localeOf(response);
    const form = readOrderForm(request.body);
    const shopper = buyerOf(response);
    const outcome = await submitOrder(
      { ...form, person: shopperKey(shopper.id) },
      { currency: form.currency, lines: [] },
      { shopper, language },
    );
    const { part, seconds } = readQuery(request);
    const page = (purchase?: string, accepted?: string) => {
      response.redirect(303, demoPath({ purchase, accepted, part, seconds }));
    };
    switch (outcome.kind) {
      case 'accepted':
        page(outcome.accepted.purchaseId, proofs.issue(outcome.accepted));
        return;
      case 'id-used':
        page(outcome.earlier.purchaseId, proofs.issue(outcome.earlier));
        return;
      case 'not-accepted':
      case 'not-confirmed':
        page(outcome.order.purchaseId);
        return;
      case 'expired':
      case 'items-unavailable':
      case 'not-signed-in':
      case 'nothing-for-sale':
      case 'outdated-page':
      case 'prices-changed':
      case 'too-expensive':
        // The page was too old. The new one has a new order, at the prices of now.
        page();
    }
  });

  router.get(paths.demoEvents, (request, response) => {
    if (request.method === 'HEAD') {
      response.writeHead(200, eventStreamHeaders).end();
      return;
    }
    const { purchase: purchaseId, accepted: proof } = readQuery(request);
    const stream = dependencies.streams.open(response, `operator\n${operatorOf(response)}`);
    const stop = followDemo(
      {
        runner: { parts: (signal) => inLane('live', () => runner.parts(signal)) },
        updates: dependencies.updates,
      },
      purchaseId === undefined ? undefined : { shopperId: buyerOf(response).id, purchaseId, proof },
      knownVersion(request),
      (version) => {
        stream.send({ event: 'changed', id: version, data: '' });
      },
    );
    void stream.ended.then(stop);
  });

  return router;
}

/** Who buys: the shopper who is signed in, or the demo shopper. `samePerson` refuses the form if that has changed since. */
function buyerOf(response: Response): Shopper {
  return sessionOf(response).shopper ?? demoShopper;
}

function readQuery(request: Request): DemoQuery {
  return querySchema.parse(request.query);
}

/** The version that the page shows: that of the last event it received, or the one it was loaded with. */
function knownVersion(request: Request): string {
  const { version } = request.query;
  return request.get('last-event-id') ?? (typeof version === 'string' ? version : '');
}
