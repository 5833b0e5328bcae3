import type { Response } from 'express';
import { basketOf } from '../basket/basket-cookie.js';
import { priceBasket } from '../basket/price-basket.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { localeOf } from '../middleware/page-locale.js';
import type { FieldError } from '../pages/field-error.js';

/** What a page of the basket says besides what is in it. */
type BasketPage = {
  errors?: FieldError[];
  /** Quantities as they were typed, by their fields. */
  typed?: Readonly<Record<string, string>>;
  /** What was in it, and is not for sale any more. */
  gone?: readonly { title: string }[];
  /** The title of what was just put in. */
  added?: string | undefined;
  /** Whether it was just filled with what had been bought before, and what of that is not for sale. */
  isAgain?: boolean;
  leftOut?: string[];
};

/** Shows the basket of the request being answered, at the prices of now. */
export function renderBasket(response: Response, catalogue: Catalogue, page: BasketPage = {}): void {
  const { basket } = basketOf(response);
  const { language, texts } = localeOf(response);
  const priced = priceBasket(catalogue, basket.lines, { currency: basket.currency, language });
  response.render('basket', { title: texts.basket.title, ...priced, typed: {}, errors: [], ...page });
}
