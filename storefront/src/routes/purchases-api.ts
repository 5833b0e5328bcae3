import { linesMax, quantityMax, readNewPurchaseId, type PurchaseIdProblem } from '@unity-purchase/contracts';
import { AppError, parseJsonBody, parseQuery } from '@unity-purchase/service-kit';
import { json, Router } from 'express';
import { z } from 'zod';
import { requireApiShopper, shopperOf } from '../middleware/require-shopper.js';
import { apiPurchasePath, paths } from '../paths.js';
import { priceLines } from '../purchases/price-lines.js';
import { purchaseIdParameter } from './purchase-id-parameter.js';
import type { PurchaseParts } from './purchase-parts.js';

const orderSchema = z.strictObject({
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
});

const pageQuery = z.strictObject({
  limit: z.string().max(10).optional(),
  cursor: z.string().max(1000).optional(),
});
const statusQuery = z.looseObject({ accepted: z.unknown().optional() });

/** Ten of the largest orders that the schema allows. */
const orderBytesMax = '100kb';

const idProblems: Readonly<Record<PurchaseIdProblem, string>> = {
  'purchase-id-malformed': 'The Idempotency-Key must be a UUIDv7.',
  'purchase-id-expired':
    'The Idempotency-Key is more than 24 hours old. Nothing was bought with this request.',
  'purchase-id-in-the-future': 'The Idempotency-Key is of the future: check your clock.',
};

const again = 'Send it again with the purchaseId as its Idempotency-Key';
const notPlaced = {
  'not-accepted': `The purchase was not accepted this time. ${again}.`,
  'not-confirmed': `The purchase is not confirmed, and may still go through. ${again}: without it you may buy twice.`,
};

/** Buying and history as a JSON API. The `Idempotency-Key` a client sends becomes the purchase's id. */
export function purchasesApiRouter(parts: PurchaseParts): Router {
  const router = Router();

  router.post(
    paths.apiPurchases,
    requireApiShopper,
    json({ limit: orderBytesMax, strict: false }),
    async (request, response) => {
      const purchaseId = idempotencyKey(request.get('idempotency-key'), parts);
      const order = parseJsonBody(orderSchema, request);
      const priced = priceLines(parts.catalogue, order.lines);
      if ('problems' in priced)
        throw new AppError('invalid-request', 400, 'The order cannot be placed.', {
          problems: priced.problems,
        });
      const { currency } = parts.catalogue;
      const shopper = shopperOf(response);
      const placement = await parts.placePurchase({ purchaseId, shopper, lines: priced.lines, currency });
      switch (placement.outcome) {
        case 'accepted':
          response
            .status(202)
            .location(apiPurchasePath(purchaseId, parts.proofs.issue(placement.purchase)))
            .json({ status: 'accepted', purchaseId, total: placement.purchase.total });
          return;
        case 'not-accepted':
        case 'not-confirmed':
          response.location(apiPurchasePath(purchaseId));
          throw new AppError(`purchase-${placement.outcome}`, 503, notPlaced[placement.outcome], {
            retryAfterSeconds: 5,
            details: { purchaseId },
          });
      }
    },
  );

  router.get(paths.apiPurchases, requireApiShopper, async (request, response) => {
    response.json(await parts.recordedPurchases.page(shopperOf(response).id, parseQuery(pageQuery, request)));
  });

  router.get(paths.apiPurchase, requireApiShopper, async (request, response) => {
    const purchaseId = purchaseIdParameter(request);
    const { accepted } = parseQuery(statusQuery, request);
    const status = await parts.readPurchaseStatus(shopperOf(response).id, purchaseId, accepted);
    if (status.state === 'unknown')
      throw new AppError(
        'purchase-unknown',
        404,
        'Nothing is known of this purchase. If it was just sent it may still come.',
      );
    response.json({
      status: status.state,
      purchaseId,
      ...('recorded' in status ? status.recorded : {}),
    });
  });

  return router;
}

/** @throws AppError 400 with a code that says what is wrong with the key */
function idempotencyKey(sent: string | undefined, { newPurchaseId, now }: PurchaseParts): string {
  if (sent === undefined) return newPurchaseId();
  const id = readNewPurchaseId(sent, now().getTime());
  if ('problem' in id) throw new AppError(id.problem, 400, idProblems[id.problem]);
  return id.id;
}
