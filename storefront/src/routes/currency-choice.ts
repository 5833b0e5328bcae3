import { Router } from 'express';
import { z } from 'zod';
import { basketOf } from '../basket/basket-cookie.js';
import { notPayableIn } from '../basket/price-basket.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { localeOf } from '../middleware/page-locale.js';
import { invalidForm, readForm } from '../pages/read-form.js';
import { localPath, paths } from '../paths.js';
import { renderBasket } from './render-basket.js';

const formSchema = z.strictObject({ currency: z.string(), returnTo: z.string().optional() });

/** Changes the currency of prices and of the basket, if everything in the basket can be paid in it. */
export function currencyChoiceRouter(catalogue: Catalogue): Router {
  return Router().post(paths.currency, async (request, response) => {
    const form = readForm(formSchema, request.body);
    const currency = catalogue.currencies.find((each) => each === form.currency);
    if (currency === undefined) throw invalidForm();
    const keeper = basketOf(response);
    const { language, texts, formats } = localeOf(response);
    const titles = notPayableIn(catalogue, keeper.basket, { currency, language });
    if (titles.length > 0) {
      const message = texts.problems.currencyOf(formats.list(titles), currency);
      renderBasket(response.status(409), catalogue, { errors: [{ field: 'basket', message }] });
      return;
    }
    await keeper.save({ ...keeper.basket, currency });
    response.redirect(303, localPath(form.returnTo));
  });
}
