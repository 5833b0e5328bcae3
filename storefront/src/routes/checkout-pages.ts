import { readNewPurchaseId } from '@unity-purchase/contracts';
import { Router, type Response } from 'express';
import { lineKey, placed } from '../basket/basket.js';
import { basketOf } from '../basket/basket-cookie.js';
import { priceBasket, type PricedBasket } from '../basket/price-basket.js';
import { localeOf } from '../middleware/page-locale.js';
import { requireShopper } from '../middleware/require-shopper.js';
import type { FieldError } from '../pages/field-error.js';
import { readOrderForm, type OrderForm } from '../pages/order-form.js';
import { paths, purchasePath, signInPath } from '../paths.js';
import { priceLines } from '../purchases/price-lines.js';
import { sessionOf } from '../sessions/session.js';
import type { PurchaseParts } from './purchase-parts.js';

type CheckoutPage = {
  order: Omit<OrderForm, 'total'>;
  priced: PricedBasket;
  errors?: FieldError[];
  /** Why pressing the button did not lead to a purchase that is known to be accepted. */
  trouble?:
    | { kind: 'not-accepted' | 'not-confirmed'; statusPath: string }
    | { kind: 'price-changed'; before: number }
    | { kind: 'gone'; titles: string[] }
    | { kind: 'too-old' };
};

/** Buying in two steps: what is about to be bought is looked at first, and bought as it was seen or not at all. */
export function checkoutPagesRouter(parts: PurchaseParts): Router {
  const router = Router();
  const { catalogue } = parts;

  const render = (response: Response, { order, priced, errors = [], trouble }: CheckoutPage) => {
    const rowKeys = new Set(priced.rows.map(({ key }) => key));
    response.render('checkout', {
      title: localeOf(response).texts.checkout.title,
      order: { ...order, lines: order.lines.filter((line) => rowKeys.has(lineKey(line))) },
      priced,
      trouble,
      errors,
    });
  };

  const priceFor = (response: Response, { lines, currency }: Pick<OrderForm, 'lines' | 'currency'>) =>
    priceBasket(catalogue, lines, { currency, language: localeOf(response).language });

  router.get(paths.checkout, requireShopper, async (_request, response) => {
    const keeper = basketOf(response);
    const { lines, currency } = keeper.basket;
    const priced = priceFor(response, keeper.basket);
    if (lines.length === 0 || priced.gone.length > 0) {
      // The basket's page says what there is to say.
      response.redirect(303, paths.basket);
      return;
    }
    const id = readNewPurchaseId(keeper.basket.purchaseId ?? '', parts.now().getTime());
    const purchaseId = 'id' in id ? id.id : parts.newPurchaseId();
    if ('problem' in id) await keeper.save({ ...keeper.basket, purchaseId });
    render(response, { order: { purchaseId, currency, lines }, priced });
  });

  router.post(paths.purchases, async (request, response) => {
    const form = readOrderForm(request.body);
    const keeper = basketOf(response);
    const { lines, currency } = form;
    const id = readNewPurchaseId(form.purchaseId, parts.now().getTime());
    const purchaseId = 'id' in id ? id.id : parts.newPurchaseId();
    const { shopper } = sessionOf(response);
    if (shopper === undefined) {
      // A session that ended in between takes nothing along.
      if (keeper.basket.lines.length === 0) await keeper.save({ purchaseId, currency, lines });
      response.redirect(303, signInPath(paths.checkout));
      return;
    }
    const priced = priceFor(response, form);
    if ('problem' in id) {
      await keeper.save({ ...keeper.basket, purchaseId });
      render(response.status(400), {
        order: { purchaseId, currency, lines },
        priced,
        trouble: { kind: 'too-old' },
      });
      return;
    }
    const order = { purchaseId, currency, lines };
    if (priced.rows.length === 0) {
      response.redirect(303, paths.basket);
      return;
    }
    if (priced.gone.length > 0) {
      const titles = priced.gone.map(({ title }) => title);
      render(response.status(409), { order, priced, trouble: { kind: 'gone', titles } });
      return;
    }
    if (priced.total !== form.total) {
      render(response.status(409), { order, priced, trouble: { kind: 'price-changed', before: form.total } });
      return;
    }
    const { language, texts } = localeOf(response);
    const sold = priceLines(catalogue, lines, { currency, language });
    if ('problems' in sold) {
      const errors = [{ field: 'order', message: texts.problems.tooMuch }];
      render(response.status(400), { order, priced, errors });
      return;
    }
    const placement = await parts.placePurchase({ purchaseId, shopper, lines: sold.lines, currency });
    if (placement.outcome === 'accepted') {
      const isSold = (sku: string) => catalogue.item(sku) !== undefined;
      await keeper.save(placed(keeper.basket, order, { isSold, newPurchaseId: parts.newPurchaseId }));
      response.redirect(303, purchasePath(purchaseId, parts.proofs.issue(placement.purchase)));
      return;
    }
    response.set('Retry-After', '5');
    // The same id: pressing again can never buy twice.
    render(response.status(503), {
      order,
      priced,
      trouble: { kind: placement.outcome, statusPath: purchasePath(purchaseId) },
    });
  });

  return router;
}
