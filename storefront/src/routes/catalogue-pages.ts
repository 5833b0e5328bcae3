import { skuSchema } from '@unity-purchase/contracts';
import { AppError, parsePath } from '@unity-purchase/service-kit';
import { Router, type Response } from 'express';
import { z } from 'zod';
import { basketOf } from '../basket/basket-cookie.js';
import { isSoldIn, textIn, type AnyAmount, type Catalogue, type Product } from '../catalogue/catalogue.js';
import { searchCatalogue } from '../catalogue/search-catalogue.js';
import { localeOf } from '../middleware/page-locale.js';
import type { FieldError } from '../pages/read-form.js';
import { paths } from '../paths.js';
import { viewNotice } from './view-notice.js';

/** The item with this SKU. @throws AppError 404 if the shop does not sell it */
export function itemOf(catalogue: Catalogue, sku: string): Product | AnyAmount {
  const item = catalogue.item(sku);
  if (item === undefined) throw new AppError('product-not-found');
  return item;
}

/** Shows an item with the form that adds it to the basket. `values` are what the shopper typed. */
export function renderProduct(
  response: Response,
  item: Product | AnyAmount,
  page: { values: { quantity: string; amount: string }; errors?: FieldError[] },
): void {
  const { language } = localeOf(response);
  const { currency } = basketOf(response).basket;
  response.render('product', {
    title: textIn(item.title, language),
    item,
    isSold: isSoldIn(item, currency),
    errors: [],
    ...page,
  });
}

/** Longer than any title. The page says when it searched for the beginning only. */
const searchLengthMax = 100;

/** What was typed into the search; a repeated one counts as none. */
const typedSearch = z.string().catch('');

/** The catalogue with its search, and the page of each item. */
export function catalogueRouter(catalogue: Catalogue): Router {
  const router = Router();
  router.get(paths.catalogue, (request, response) => {
    const { language, texts } = localeOf(response);
    const typed = typedSearch.parse(request.query['q']).trim();
    const words = beginningOf(typed, searchLengthMax);
    const category = catalogue.categories.find(({ id }) => id === request.query['category']);
    const { currency } = basketOf(response).basket;
    const items = searchCatalogue(catalogue, { words, category: category?.id }, { language, currency });
    const heading = category === undefined ? texts.catalogue.title : textIn(category.title, language);
    response.render('catalogue', {
      title: words === '' ? heading : texts.catalogue.resultsFor(words),
      categories: catalogue.categories,
      category: category?.id,
      words,
      searchedOnly: words === typed ? undefined : searchLengthMax,
      items,
      notice: viewNotice(response, catalogue),
    });
  });
  router.get(paths.product, (request, response) => {
    const { sku } = parsePath(z.object({ sku: skuSchema }), request);
    renderProduct(response, itemOf(catalogue, sku), { values: { quantity: '1', amount: '' } });
  });
  return router;
}

/** The first characters of a text. No character is cut in half. */
function beginningOf(text: string, charactersMax: number): string {
  return Array.from(text.slice(0, 2 * charactersMax))
    .slice(0, charactersMax)
    .join('')
    .trim();
}
