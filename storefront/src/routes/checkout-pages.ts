import { readNewPurchaseId } from '@unity-purchase/contracts';
import { Router, type Response } from 'express';
import { lineKey } from '../basket/basket.js';
import { basketOf } from '../basket/basket-cookie.js';
import { priceBasket, type PricedBasket } from '../basket/price-basket.js';
import type { RenewBasket } from '../checkout/renew-basket.js';
import type { OrderCookie } from '../checkout/order-cookie.js';
import type { Order, SubmitOrder } from '../checkout/submit-order.js';
import type { Trouble } from '../checkout/trouble.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { localeOf } from '../middleware/page-locale.js';
import { requireShopper, shopperOf } from '../middleware/require-shopper.js';
import { personOfForm } from '../middleware/same-person.js';
import { readOrderForm } from '../pages/order-form.js';
import type { FieldError } from '../pages/read-form.js';
import { paths, purchasePath, signInPath } from '../paths.js';
import type { AcceptanceProofs } from '../purchases/acceptance-proof.js';
import { sessionOf } from '../sessions/session.js';

export type CheckoutDependencies = {
  catalogue: Catalogue;
  submitOrder: SubmitOrder;
  renewBasket: RenewBasket;
  proofs: Pick<AcceptanceProofs, 'issue'>;
  orderCookie: Pick<OrderCookie, 'keep'>;
  newPurchaseId: () => string;
  now: () => Date;
};

type CheckoutPage = {
  order: Order;
  priced: PricedBasket;
  errors?: FieldError[];
  trouble?: Trouble;
};

/** Checkout in two steps: a page shows the order, and its form buys exactly what the page showed. */
export function checkoutPagesRouter({
  catalogue,
  submitOrder,
  renewBasket,
  proofs,
  orderCookie,
  newPurchaseId,
  now,
}: CheckoutDependencies): Router {
  const router = Router();

  router.get(paths.checkout, requireShopper, async (_request, response) => {
    const keeper = basketOf(response);
    const { lines, currency } = keeper.basket;
    const priced = priceBasket(catalogue, lines, { currency, language: localeOf(response).language });
    if (lines.length === 0 || priced.unavailable.length > 0) {
      // The basket page explains why.
      response.redirect(303, paths.basket);
      return;
    }
    const { purchaseId = newPurchaseId() } = keeper.basket;
    if ('id' in readNewPurchaseId(purchaseId, now().getTime())) {
      renderCheckout(response, { order: { purchaseId, currency, lines }, priced });
      return;
    }
    const renewal = await renewBasket(shopperOf(response).id, { ...keeper.basket, purchaseId });
    if (renewal.kind !== 'unsure') await keeper.save(renewal.basket);
    switch (renewal.kind) {
      case 'bought':
        response.redirect(303, purchasePath(purchaseId));
        return;
      case 'renewed':
        response.redirect(303, paths.checkout);
        return;
      case 'unsure': {
        const trouble = { kind: 'maybe-bought' as const, statusPath: purchasePath(purchaseId) };
        renderCheckout(response, { order: renewal.order, priced, trouble });
        return;
      }
    }
  });

  router.post(paths.purchases, async (request, response) => {
    const form = { ...readOrderForm(request.body), person: personOfForm(response) };
    const keeper = basketOf(response);
    const { language, texts } = localeOf(response);
    const outcome = await submitOrder(form, keeper.basket, {
      shopper: sessionOf(response).shopper,
      language,
    });
    if ('basket' in outcome) await keeper.save(outcome.basket);
    switch (outcome.kind) {
      case 'accepted': {
        const { accepted, acceptedAt } = outcome;
        await orderCookie.keep(response, accepted, acceptedAt);
        response.redirect(303, purchasePath(accepted.purchaseId, proofs.issue(accepted)));
        return;
      }
      case 'not-accepted':
      case 'not-confirmed': {
        const statusPath = purchasePath(outcome.order.purchaseId);
        response.status(503).set('Retry-After', '5');
        renderCheckout(response, { ...outcome, trouble: { kind: outcome.kind, statusPath } });
        return;
      }
      case 'not-signed-in':
        if (outcome.kept !== undefined) await keeper.saveFor(outcome.kept.owner, outcome.kept.basket);
        response.redirect(303, signInPath(paths.checkout));
        return;
      case 'nothing-for-sale':
        response.redirect(303, paths.basket);
        return;
      case 'id-used': {
        const { purchaseId } = outcome.earlier;
        const statusPath = purchasePath(purchaseId, proofs.issue(outcome.earlier));
        renderCheckout(response.status(409), { ...outcome, trouble: { kind: outcome.kind, statusPath } });
        return;
      }
      case 'expired':
        renderCheckout(response.status(400), { ...outcome, trouble: { kind: 'expired' } });
        return;
      case 'items-unavailable': {
        const titles = outcome.priced.unavailable.map(({ title }) => title);
        renderCheckout(response.status(409), { ...outcome, trouble: { kind: outcome.kind, titles } });
        return;
      }
      case 'prices-changed': {
        const { kind, changes } = outcome;
        renderCheckout(response.status(409), { ...outcome, trouble: { kind, changes } });
        return;
      }
      case 'outdated-page':
        renderCheckout(response.status(409), { ...outcome, trouble: { kind: outcome.kind } });
        return;
      case 'too-expensive': {
        const errors = [{ field: 'order', message: texts.problems.tooMuch }];
        renderCheckout(response.status(400), { ...outcome, errors });
        return;
      }
    }
  });

  return router;
}

/** Shows an order, without the lines that are no longer for sale. */
function renderCheckout(response: Response, { order, priced, errors = [], trouble }: CheckoutPage): void {
  const keys = new Set(priced.rows.map(({ key }) => key));
  const { checkout } = localeOf(response).texts;
  response.render('checkout', {
    title: trouble === undefined ? checkout.title : checkout.troubles[trouble.kind].title,
    order: { ...order, lines: order.lines.filter((line) => keys.has(lineKey(line))) },
    priced,
    trouble,
    errors,
  });
}
