import { linesMax, purchaseIdSchema, quantityMax, skuSchema } from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
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
import { fillAgain } from '../basket/fill-again.js';
import { priceBasket } from '../basket/price-basket.js';
import { textIn } from '../catalogue/catalogue.js';
import { localeOf } from '../middleware/page-locale.js';
import { requireShopper, shopperOf } from '../middleware/require-shopper.js';
import type { FieldError } from '../pages/field-error.js';
import { orderLineOf, readItemForm, readQuantity } from '../pages/item-form.js';
import { localPath } from '../pages/sign-in-form.js';
import { paths } from '../paths.js';
import { itemOf, renderProduct } from './catalogue-pages.js';
import type { PurchaseParts } from './purchase-parts.js';

const quantityField = 'quantity:';

/** Every field but `remove` is the quantity of a line; which lines there are is for the basket to say. */
const changeForm = z.record(z.string(), z.string());
const currencyForm = z.strictObject({ currency: z.string(), returnTo: z.string().optional() });
const againForm = z.strictObject({ purchaseId: purchaseIdSchema });
const skus = z.array(skuSchema).max(linesMax).catch([]);

type Parts = Pick<PurchaseParts, 'catalogue' | 'recordedPurchases' | 'newPurchaseId'>;

/** What somebody means to buy: put in, looked at, changed, taken out. */
export function basketPagesRouter({ catalogue, recordedPurchases, newPurchaseId }: Parts): Router {
  const router = Router();

  const render = (response: Response, more: { errors?: FieldError[]; [name: string]: unknown } = {}) => {
    const { basket } = basketOf(response);
    const { language, texts } = localeOf(response);
    const priced = priceBasket(catalogue, basket.lines, { currency: basket.currency, language });
    response.render('basket', { title: texts.basket.title, ...priced, typed: {}, errors: [], ...more });
  };

  const problemText = (response: Response, problem: BasketProblem) => {
    const { problems } = localeOf(response).texts;
    return problem === 'too-many-lines'
      ? problems.tooManyLines(linesMax)
      : problems.tooManyOfOne(quantityMax);
  };

  router.get(paths.basket, async (request, response) => {
    const { language } = localeOf(response);
    const titleOf = (sku: string) => {
      const item = catalogue.item(sku);
      return item === undefined ? sku : textIn(item.title, language);
    };
    const [added] = skus.parse([request.query['added']]);
    const leftOut = skus.parse([request.query['left'] ?? []].flat());
    const keeper = basketOf(response);
    const { basket } = keeper;
    const priced = priceBasket(catalogue, basket.lines, { currency: basket.currency, language });
    // Said once, then gone: what is not for sale cannot stay in the basket.
    if (priced.gone.length > 0)
      await keeper.save(
        removeLines(
          basket,
          priced.gone.map(({ key }) => key),
        ),
      );
    render(response, {
      ...priced,
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
    response.redirect(303, `${paths.basket}?added=${item.sku}`);
  });

  router.post(paths.basketChange, async (request, response) => {
    const form = changeForm.safeParse(request.body);
    if (!form.success) throw new AppError('invalid-form', 400, 'This form is not one that the shop offered.');
    const { remove, ...typed } = form.data;
    const keeper = basketOf(response);
    const { basket } = keeper;
    const errors: FieldError[] = [];
    const quantities = new Map<string, number>();
    for (const line of basket.lines) {
      const key = lineKey(line);
      const text = typed[quantityField + key];
      // Another window may have changed which lines there are: what this form does not know stays.
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
      render(response.status(400), { errors, typed });
      return;
    }
    await keeper.save(changed(basket, quantities, remove));
    response.redirect(303, paths.basket);
  });

  router.post(paths.basketAgain, requireShopper, async (request, response) => {
    const form = againForm.safeParse(request.body);
    if (!form.success) throw new AppError('invalid-form', 400, 'This form is not one that the shop offered.');
    const found = await recordedPurchases.find(shopperOf(response).id, form.data.purchaseId);
    if (!('purchase' in found))
      throw new AppError('purchase-not-found', 404, 'No purchase with this number is recorded.');
    const keeper = basketOf(response);
    const { basket, leftOut } = fillAgain(keeper.basket, found.purchase, catalogue, newPurchaseId);
    await keeper.save(basket);
    const query = new URLSearchParams([
      ['again', '1'],
      ...leftOut.map((sku): [string, string] => ['left', sku]),
    ]);
    response.redirect(303, `${paths.basket}?${query.toString()}`);
  });

  router.post(paths.currency, async (request, response) => {
    const form = currencyForm.safeParse(request.body);
    const currency = catalogue.currencies.find((each) => each === form.data?.currency);
    if (currency === undefined)
      throw new AppError('invalid-form', 400, 'This form is not one that the shop offered.');
    const keeper = basketOf(response);
    const { basket } = keeper;
    const { language, texts } = localeOf(response);
    // An amount that somebody named is an amount of one currency.
    const lines = basket.lines.filter(({ amount }) => amount === undefined || currency === basket.currency);
    const { gone } = priceBasket(catalogue, lines, { currency, language });
    const named = priceBasket(
      catalogue,
      basket.lines.filter((line) => !lines.includes(line)),
      { currency: basket.currency, language },
    );
    const titles = [...named.rows, ...gone].map(({ title }) => title);
    if (titles.length > 0) {
      const message = texts.problems.currencyOf(localeOf(response).formats.list(titles), currency);
      render(response.status(409), { errors: [{ field: 'basket', message }] });
      return;
    }
    await keeper.save({ ...basket, currency });
    response.redirect(303, localPath(form.data?.returnTo));
  });

  return router;
}

function changed(
  basket: Basket,
  quantities: ReadonlyMap<string, number>,
  remove: string | undefined,
): Basket {
  const zero = [...quantities].filter(([, quantity]) => quantity === 0).map(([key]) => key);
  const removed = remove === undefined ? zero : [...zero, remove];
  return changeQuantities(removeLines(basket, removed), quantities);
}
