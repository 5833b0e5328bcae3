import {
  currencySchema,
  historyPageSchema,
  historyQuerySchema,
  linesMax,
  moneySchema,
  purchaseIdOfKey,
  purchaseIdSchema,
  quantityMax,
  recordedPurchaseSchema,
  type Money,
} from '@unity-purchase/contracts';
import { AppError, createApiRouter, route, type ApiRouter } from '@unity-purchase/service-kit';
import { json, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import type { Catalogue } from '../catalogue/catalogue.js';
import { localeOf } from '../middleware/page-locale.js';
import { requireApiShopper, shopperOf } from '../middleware/require-shopper.js';
import { apiPurchasePath, paths } from '../paths.js';
import type { AcceptanceProofs } from '../purchases/acceptance-proof.js';
import { digestOfOrder } from '../purchases/order-digests.js';
import type { PlaceOrder } from '../purchases/place-order.js';
import { priceLines } from '../purchases/price-lines.js';
import type { ReadPurchaseStatus } from '../purchases/purchase-status.js';
import type { RecordedPurchases } from '../purchases/recorded-purchases.js';
import { idempotencyKeyOf, idempotencyKeySchema } from './idempotency-key.js';

const orderSchema = z.strictObject({
  /** The default is the first of the shop's currencies. */
  currency: currencySchema.optional(),
  lines: z
    .array(
      z.strictObject({
        sku: z.string().max(100),
        quantity: z.int().min(1).max(quantityMax).default(1),
        amount: z.int().optional(),
      }),
    )
    .min(1)
    .max(linesMax),
  /** What the shopper saw. If the order costs something else, it is not placed. */
  expectedTotal: moneySchema.optional(),
});

const acceptedSchema = z.strictObject({
  status: z.literal('accepted'),
  purchaseId: purchaseIdSchema,
  total: moneySchema,
});

/** Without a readable acceptance proof, a purchase that is not recorded yet is unknown. */
const statusQuery = z.object({ accepted: z.string().optional().catch(undefined) });

const statusSchema = z.strictObject({
  status: z.enum(['accepted', 'recorded', 'superseded', 'delayed', 'discarded']),
  purchaseId: purchaseIdSchema,
  ...recordedPurchaseSchema.partial().shape,
});

/** The problems of every operation. */
const commonProblems = [
  'not-signed-in',
  'no-tokens',
  'invalid-token',
  'too-many-requests',
  'busy',
  'sign-in-unavailable',
] as const;

/** About ten times the largest valid order. */
const orderBytesMax = '100kb';

export type PurchasesApiDependencies = {
  catalogue: Catalogue;
  placeOrder: PlaceOrder;
  recordedPurchases: Pick<RecordedPurchases, 'page'>;
  readPurchaseStatus: ReadPurchaseStatus;
  proofs: Pick<AcceptanceProofs, 'issue'>;
  newPurchaseId: () => string;
  now: () => Date;
};

/** The JSON API for buying and for the history. A client's `Idempotency-Key` decides the purchase id. */
export function purchasesApiRouter(dependencies: PurchasesApiDependencies): ApiRouter {
  const { catalogue, placeOrder, proofs, readPurchaseStatus, recordedPurchases } = dependencies;
  const api = createApiRouter();
  route(
    api,
    {
      method: 'POST',
      path: paths.apiPurchases,
      summary: 'Places a purchase. Requests with the same Idempotency-Key buy only once',
      headers: z.object({ 'idempotency-key': idempotencyKeySchema.optional() }),
      body: orderSchema,
      answer: { status: 202, description: 'The broker acknowledged the purchase', schema: acceptedSchema },
      problems: [
        ...commonProblems,
        'invalid-request',
        'malformed-body',
        'purchase-id-malformed',
        'purchase-id-expired',
        'purchase-id-in-the-future',
        'cross-origin',
        'body-too-large',
        'request-timeout',
        'unsupported-media-type',
        'unsupported-encoding',
        'unsupported-charset',
        'idempotency-key-reused',
        'price-changed',
        'purchase-not-accepted',
        'purchase-not-confirmed',
      ],
      before: [
        requireApiShopper,
        json({ limit: orderBytesMax, strict: false }),
        readIdempotencyKey(dependencies),
      ],
    },
    async ({ body: order, response }) => {
      const { purchaseId, isFromClient } = requestedPurchaseId(response);
      const currency = order.currency ?? catalogue.currencies[0];
      const { language } = localeOf(response);
      const priced = priceLines(catalogue, order.lines, { currency, language });
      if ('problems' in priced)
        throw new AppError('invalid-request', {
          detail: 'The order cannot be placed.',
          problems: priced.problems,
        });
      const shopper = shopperOf(response);
      const digest = digestOfOrder(currency, order.lines);
      const placed = await placeOrder(
        { purchaseId, shopper, lines: priced.lines, currency, digest },
        { mayBeRepeated: isFromClient, checkTotal: checkTotal(order.expectedTotal) },
      );
      switch (placed.outcome) {
        case 'accepted': {
          const { purchase } = placed;
          response.location(apiPurchasePath(purchaseId, proofs.issue({ ...purchase, digest })));
          return { status: 'accepted' as const, purchaseId, total: purchase.total };
        }
        case 'id-used':
          response.location(apiPurchasePath(purchaseId, proofs.issue(placed.earlier)));
          throw new AppError('idempotency-key-reused', { details: { purchaseId } });
        case 'not-accepted':
        case 'not-confirmed':
          response.location(apiPurchasePath(purchaseId));
          throw new AppError(`purchase-${placed.outcome}`, {
            retryAfterSeconds: 5,
            details: { purchaseId },
          });
      }
    },
  );
  route(
    api,
    {
      method: 'GET',
      path: paths.apiPurchases,
      summary: 'A page of the purchase history, newest first, with totals',
      query: historyQuerySchema,
      answer: { status: 200, description: 'The page', schema: historyPageSchema },
      problems: [...commonProblems, 'invalid-request', 'invalid-cursor', 'history-unavailable'],
      before: [requireApiShopper],
    },
    ({ query, response, signal }) => recordedPurchases.page(shopperOf(response).id, query, signal),
  );
  route(
    api,
    {
      method: 'GET',
      path: paths.apiPurchase,
      summary: 'The status of a purchase',
      pathParameters: z.object({ purchaseId: purchaseIdSchema }),
      query: statusQuery,
      answer: {
        status: 200,
        description: 'The status, with the purchase after it is recorded',
        schema: statusSchema,
      },
      problems: [
        ...commonProblems,
        'not-found',
        'purchase-erased',
        'purchase-not-found',
        'purchase-unknown',
        'history-unavailable',
      ],
      before: [requireApiShopper],
    },
    async ({ path: { purchaseId }, query: { accepted }, response, signal }) => {
      const status = await readPurchaseStatus(shopperOf(response).id, purchaseId, accepted, signal);
      if (status.state === 'unknown') throw new AppError('purchase-unknown');
      if (status.state === 'erased')
        throw new AppError('purchase-erased', { details: { erasedAt: status.erasedAt } });
      return {
        status: status.state,
        purchaseId,
        ...('recorded' in status ? status.recorded : {}),
      };
    },
  );
  return api;
}

/** Requires the total that the client expects, if it expects one. */
function checkTotal(expected: Money | undefined) {
  return (total: Money): void => {
    if (expected === undefined) return;
    if (total.amount !== expected.amount || total.currency !== expected.currency)
      throw new AppError('price-changed', { details: { total } });
  };
}

/** The id of a purchase, and whether the client chose it with its `Idempotency-Key`. */
type RequestedPurchaseId = { purchaseId: string; isFromClient: boolean };

/**
 * Reads the purchase id from the `Idempotency-Key`, or creates one if there is no key. `requestedPurchaseId` returns it. Throws
 * AppError 400 with a code for each kind of invalid key. Nothing else sees the key, because it may say more about its shopper than
 * an id.
 */
function readIdempotencyKey({
  newPurchaseId,
  now,
}: Pick<PurchasesApiDependencies, 'newPurchaseId' | 'now'>): RequestHandler {
  return function readPurchaseId(request, response, next) {
    const key = idempotencyKeyOf(request);
    const read =
      key === undefined
        ? { id: newPurchaseId() }
        : purchaseIdOfKey(key, shopperOf(response).id, now().getTime());
    if ('problem' in read) throw new AppError(read.problem);
    const requested: RequestedPurchaseId = { purchaseId: read.id, isFromClient: key !== undefined };
    response.locals['requestedPurchaseId'] = requested;
    next();
  };
}

function requestedPurchaseId(response: Response): RequestedPurchaseId {
  return response.locals['requestedPurchaseId'] as RequestedPurchaseId;
}
