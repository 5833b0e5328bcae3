import { linesMax, quantityMax, skuSchema } from '@unity-purchase/contracts';
import { Router, type Response } from 'express';
import { z } from 'zod';
import {
  addLine,
  changeQuantities,
  lineKey,
  removeLines,
  type Basket,
  type BasketProblem,
} from '../basket/basket.js';
import { basketOf } from '../basket/basket-cookie.js';
import { priceBasket } from '../basket/price-basket.js';
import { textIn, type Catalogue } from '../catalogue/catalogue.js';
import { localeOf } from '../middleware/page-locale.js';
import { orderLineOf, readItemForm, readQuantity } from '../pages/item-form.js';
import { readForm, type FieldError } from '../pages/read-form.js';
import { basketAddedPath, paths } from '../paths.js';
import { itemOf, renderProduct } from './catalogue-pages.js';
import { renderBasket } from './render-basket.js';

const quantityField = 'quantity:';

/** Every field except `remove` is the quantity of a line. */
const changeForm = z.record(z.string(), z.string());

/** The SKUs in a query parameter, separated by spaces; none if it contains anything else. */
const skusIn = (parameter: unknown): string[] =>
  typeof parameter === 'string' ? z.array(skuSchema).max(linesMax).catch([]).parse(parameter.split(' ')) : [];

export type BasketDependencies = { catalogue: Catalogue; newPurchaseId: () => string };

/** The basket: show it, add an item, change quantities and remove items. */
export function basketPagesRouter({ catalogue, newPurchaseId }: BasketDependencies): Router {
  const router = Router();

  router.get(paths.basket, async (request, response) => {
    const { language } = localeOf(response);
    const titleOf = (sku: string) => {
      const item = catalogue.item(sku);
      return item === undefined ? sku : textIn(item.title, language);
    };
    const [added] = skusIn(request.query['added']);
    const leftOut = skusIn(request.query['left']);
    const keeper = basketOf(response);
    const { basket } = keeper;
    const { unavailable } = priceBasket(catalogue, basket.lines, { currency: basket.currency, language });
    // The page reports them once, because items that are no longer for sale cannot stay in the basket.
    const keys = unavailable.map(({ key }) => key);
    if (keys.length > 0) await keeper.save(removeLines(basket, keys));
    renderBasket(response, catalogue, {
      unavailable,
      added: added === undefined ? undefined : titleOf(added),
      isAgain: request.query['again'] !== undefined,
      leftOut: leftOut.map(titleOf),
    });
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
    response.redirect(303, basketAddedPath(item.sku));
  });

  router.post(paths.basketChange, async (request, response) => {
    const { remove, ...typed } = readForm(changeForm, request.body);
    const keeper = basketOf(response);
    const { basket } = keeper;
    const errors: FieldError[] = [];
    const quantities = new Map<string, number>();
    for (const line of basket.lines) {
      const key = lineKey(line);
      const text = typed[quantityField + key];
      // Another window may have added lines that this form does not have. They stay.
      if (text === undefined || key === remove) continue;
      const quantity = text.trim() === '0' ? 0 : readQuantity(text);
      if (quantity === undefined)
        errors.push({
          field: quantityField + key,
          message: localeOf(response).texts.problems.quantity(quantityMax),
        });
      else quantities.set(key, quantity);
    }
    if (errors.length > 0) {
      renderBasket(response.status(400), catalogue, { errors, typed });
      return;
    }
    await keeper.save(changeBasket(basket, quantities, remove));
    response.redirect(303, paths.basket);
  });

  return router;
}

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
