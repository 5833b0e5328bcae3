import { linesMax, quantityMax } from '@unity-purchase/contracts';
import { Router, type Response } from 'express';
import { addLine, changeQuantities, removeLines, type Basket, type BasketProblem } from '../basket/basket.js';
import { basketOf } from '../basket/basket-cookie.js';
import { priceBasket } from '../basket/price-basket.js';
import { titleOf, type Catalogue } from '../catalogue/catalogue.js';
import { localeOf } from '../middleware/page-locale.js';
import { quantityFieldOf, readBasketForm } from '../pages/basket-form.js';
import { orderLineOf, readItemForm } from '../pages/item-form.js';
import { localPath, paths } from '../paths.js';
import { itemOf, renderProduct } from './catalogue-pages.js';
import { renderBasket } from './render-basket.js';
import { viewNotice } from './view-notice.js';

export type BasketDependencies = { catalogue: Catalogue; newPurchaseId: () => string };

/** The basket: show it, add an item, change quantities and remove items. */
export function basketPagesRouter({ catalogue, newPurchaseId }: BasketDependencies): Router {
  const router = Router();

  router.get(paths.basket, async (_request, response) => {
    const { language } = localeOf(response);
    const keeper = basketOf(response);
    const { basket } = keeper;
    const { unavailable } = priceBasket(catalogue, basket.lines, { currency: basket.currency, language });
    // The page reports them once, because items that are no longer for sale cannot stay in the basket.
    const keys = unavailable.map(({ key }) => key);
    if (keys.length > 0) await keeper.save(removeLines(basket, keys));
    renderBasket(response, catalogue, { unavailable, notice: viewNotice(response, catalogue) });
  });

  router.post(paths.basket, async (request, response) => {
    const form = readItemForm(request.body);
    const item = itemOf(catalogue, form.sku);
    const keeper = basketOf(response);
    const { quantity, amount } = form;
    const values = { quantity, amount };
    const order = orderLineOf(item, keeper.basket.currency, form, localeOf(response));
    if ('errors' in order) {
      renderProduct(response.status(400), item, { values, errors: order.errors });
      return;
    }
    const basket = addLine(keeper.basket, order.line, newPurchaseId);
    if ('problem' in basket) {
      const errors = [{ field: 'quantity', message: problemText(response, basket.problem) }];
      renderProduct(response.status(400), item, { values, errors });
      return;
    }
    await keeper.save(basket);
    keeper.notify({ kind: 'added', sku: item.sku });
    response.redirect(303, form.returnTo === undefined ? paths.basket : localPath(form.returnTo));
  });

  router.post(paths.basketChange, async (request, response) => {
    const keeper = basketOf(response);
    const { basket } = keeper;
    const { texts, language } = localeOf(response);
    const { typed, quantities, mistakes, remove, stepped, goesToCheckout } = readBasketForm(
      request.body,
      basket,
    );
    if (mistakes.length > 0) {
      const errors = mistakes.map(({ field, sku }) => ({
        field,
        message: texts.problems.quantityOf(titleOf(catalogue, sku, language), quantityMax),
      }));
      renderBasket(response.status(400), catalogue, { errors, typed });
      return;
    }
    const changed = changeBasket(basket, quantities, remove);
    await keeper.save(changed);
    response.redirect(303, goesToCheckout && changed.lines.length > 0 ? paths.checkout : basketAt(stepped));
  });

  return router;
}

/** The basket, with the line in view whose button was pressed. */
const basketAt = (key: string | undefined) =>
  key === undefined ? paths.basket : `${paths.basket}#${encodeURIComponent(quantityFieldOf(key))}`;

function problemText(response: Response, problem: BasketProblem): string {
  const { problems } = localeOf(response).texts;
  return problem === 'too-many-lines' ? problems.tooManyLines(linesMax) : problems.tooManyOfOne(quantityMax);
}

/** The basket with new quantities, by line key, without the lines that were removed or have a quantity of zero. */
function changeBasket(
  basket: Basket,
  quantities: ReadonlyMap<string, number>,
  removedKey: string | undefined,
): Basket {
  const zero = [...quantities].filter(([, quantity]) => quantity === 0).map(([key]) => key);
  const removed = removedKey === undefined ? zero : [...zero, removedKey];
  return changeQuantities(removeLines(basket, removed), quantities);
}
