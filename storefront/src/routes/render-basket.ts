import type { Response } from 'express';
import { basketOf } from '../basket/basket-cookie.js';
import { priceBasket } from '../basket/price-basket.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { localeOf } from '../middleware/page-locale.js';
import type { FieldError } from '../pages/read-form.js';
import type { NoticeView } from './view-notice.js';

/** What the basket page shows besides the basket. */
type BasketPage = {
  errors?: FieldError[];
  /** Quantities as the shopper typed them, by field. */
  typed?: Readonly<Record<string, string>>;
  /** Items that were removed because they are no longer for sale. */
  unavailable?: readonly { title: string }[];
  notice?: NoticeView | undefined;
};

/** Shows the basket of the current request at current prices. */
export function renderBasket(response: Response, catalogue: Catalogue, page: BasketPage = {}): void {
  const { basket } = basketOf(response);
  const { language, texts } = localeOf(response);
  const priced = priceBasket(catalogue, basket.lines, { currency: basket.currency, language });
  response.render('basket', {
    title: texts.basket.title,
    ...priced,
    typed: {},
    errors: [],
    unavailable: [],
    ...page,
  });
}
