import { purchaseIdSchema } from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { z } from 'zod';
import { basketOf } from '../basket/basket-cookie.js';
import { refillBasket } from '../basket/refill-basket.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { requireShopper, shopperOf } from '../middleware/require-shopper.js';
import { readForm } from '../pages/read-form.js';
import { paths } from '../paths.js';
import type { RecordedPurchases } from '../purchases/recorded-purchases.js';

const formSchema = z.strictObject({ purchaseId: purchaseIdSchema });

export type BuyAgainDependencies = {
  catalogue: Catalogue;
  recordedPurchases: Pick<RecordedPurchases, 'find'>;
  newPurchaseId: () => string;
};

/** Adds the items of an earlier purchase to the basket. */
export function buyAgainRouter({
  catalogue,
  recordedPurchases,
  newPurchaseId,
}: BuyAgainDependencies): Router {
  return Router().post(paths.basketAgain, requireShopper, async (request, response) => {
    const { purchaseId } = readForm(formSchema, request.body);
    const found = await recordedPurchases.find(shopperOf(response).id, purchaseId);
    if (!('purchase' in found)) throw new AppError('purchase-not-found');
    const keeper = basketOf(response);
    const { basket, leftOut } = refillBasket(keeper.basket, found.purchase, catalogue, newPurchaseId);
    keeper.notify({ kind: 'again', wasEmpty: keeper.basket.lines.length === 0, leftOut });
    await keeper.save(basket);
    response.redirect(303, paths.basket);
  });
}
