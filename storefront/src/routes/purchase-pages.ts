import { readNewPurchaseId } from '@unity-purchase/contracts';
import { Router } from 'express';
import { requireShopper, shopperOf } from '../middleware/require-shopper.js';
import { orderLineOf, readBuyForm } from '../pages/buy-form.js';
import { cursorParameter } from '../pages/cursor-parameter.js';
import { paths, productPath, purchasePath, signInPath } from '../paths.js';
import { priceLines } from '../purchases/price-lines.js';
import { sessionOf } from '../sessions/session.js';
import { itemOf, renderProduct } from './catalogue-pages.js';
import { purchaseIdParameter } from './purchase-id-parameter.js';
import type { PurchaseParts } from './purchase-parts.js';

const tooOld =
  'This page was too old to buy from. See in your purchases whether it bought before, then buy again';

/** Buying, and what became of it, as pages. */
export function purchasePagesRouter(parts: PurchaseParts): Router {
  const router = Router();

  router.post(paths.purchases, async (request, response) => {
    const form = readBuyForm(request.body);
    itemOf(parts.catalogue, form.sku);
    const { shopper } = sessionOf(response);
    if (shopper === undefined) {
      const typed = new URLSearchParams({ quantity: form.quantity, amount: form.amount });
      response.redirect(303, signInPath(`${productPath(form.sku)}?${typed.toString()}`));
      return;
    }
    const values = { quantity: form.quantity, amount: form.amount };
    const id = readNewPurchaseId(form.purchaseId, parts.now().getTime());
    if ('problem' in id) {
      response.status(400);
      renderProduct(response, parts.catalogue, form.sku, {
        purchaseId: parts.newPurchaseId(),
        values,
        errors: [{ field: 'order', message: tooOld }],
      });
      return;
    }
    const purchaseId = id.id;
    const order = orderLineOf(parts.catalogue, form);
    if ('errors' in order) {
      response.status(400);
      renderProduct(response, parts.catalogue, form.sku, { purchaseId, values, errors: order.errors });
      return;
    }
    const priced = priceLines(parts.catalogue, [order.line]);
    if ('problems' in priced) {
      const errors = priced.problems.map(() => ({
        field: 'quantity',
        message: 'This costs more than one purchase may',
      }));
      response.status(400);
      renderProduct(response, parts.catalogue, form.sku, { purchaseId, values, errors });
      return;
    }
    const { currency } = parts.catalogue;
    const placement = await parts.placePurchase({ purchaseId, shopper, lines: priced.lines, currency });
    if (placement.outcome === 'accepted') {
      response.redirect(303, purchasePath(purchaseId, parts.proofs.issue(placement.purchase)));
      return;
    }
    response.status(503).set('Retry-After', '5');
    renderProduct(response, parts.catalogue, form.sku, {
      // The same id: pressing again can never buy twice.
      purchaseId,
      values,
      trouble: { outcome: placement.outcome, statusPath: purchasePath(purchaseId) },
    });
  });

  router.get(paths.purchases, requireShopper, async (request, response) => {
    const cursor = cursorParameter(request, 'There is no such page of your history.');
    const page = await parts.recordedPurchases.page(shopperOf(response).id, { cursor });
    response.render('history', { title: 'Your purchases', page, isFirst: cursor === undefined });
  });

  router.get(paths.purchase, requireShopper, async (request, response) => {
    const purchaseId = purchaseIdParameter(request);
    const proof = request.query['accepted'];
    const status = await parts.readPurchaseStatus(shopperOf(response).id, purchaseId, proof);
    response.status(status.state === 'unknown' ? 404 : 200);
    response.render('purchase', { title: 'Your purchase', purchaseId, status });
  });

  return router;
}
