import { skuSchema } from '@unity-purchase/contracts';
import { AppError, parsePath } from '@unity-purchase/service-kit';
import { Router, type Response } from 'express';
import { z } from 'zod';
import type { AnyAmount, Catalogue, Product } from '../catalogue/catalogue.js';
import type { FieldError } from '../pages/buy-form.js';
import { paths } from '../paths.js';

/** What stands in the form that offers to buy, besides the item. */
export type ProductPage = {
  purchaseId: string;
  values: { quantity: string; amount: string };
  errors?: FieldError[];
  /** Why pressing the button did not lead to a purchase that is known to be accepted. */
  trouble?: { outcome: 'not-accepted' | 'not-confirmed'; statusPath: string };
};

/** @throws AppError 404 for something that is not for sale */
export function itemOf(catalogue: Catalogue, sku: string): Product | AnyAmount {
  const item = sku === catalogue.anyAmount?.sku ? catalogue.anyAmount : catalogue.product(sku);
  if (item === undefined) throw new AppError('product-not-found', 404, 'This is not for sale here.');
  return item;
}

/** Shows an item with the form to buy it, and in the form an id that stands for one purchase. */
export function renderProduct(
  response: Response,
  catalogue: Catalogue,
  sku: string,
  page: ProductPage,
): void {
  const item = itemOf(catalogue, sku);
  response.render('product', { title: item.title, item, catalogue, errors: [], ...page });
}

const typed = z.string().max(20).catch('');

export function catalogueRouter(catalogue: Catalogue, newPurchaseId: () => string): Router {
  const router = Router();
  router.get(paths.catalogue, (_request, response) => {
    response.render('catalogue', { title: 'Everything for a quiet desk', catalogue });
  });
  router.get(paths.product, (request, response) => {
    const { sku } = parsePath(z.object({ sku: skuSchema }), request);
    renderProduct(response, catalogue, sku, {
      purchaseId: newPurchaseId(),
      // What was typed before signing in comes back.
      values: {
        quantity: typed.parse(request.query['quantity']) || '1',
        amount: typed.parse(request.query['amount']),
      },
    });
  });
  return router;
}
