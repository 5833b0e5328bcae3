import type { RequestHandler, Response } from 'express';
import type { Catalogue } from '../catalogue/catalogue.js';
import { openSealedCookie } from '../sessions/sealed-cookie.js';
import type { SessionSettings } from '../sessions/session.js';
import { basketSchema, type Basket } from './basket.js';

/** A month: who put something aside finds it again. */
const basketSeconds = 30 * 24 * 60 * 60;

/** The basket of who asks, before and after signing in alike: it stays with the browser, and the server keeps nothing. */
export type BasketKeeper = {
  basket: Basket;
  save: (basket: Basket) => Promise<void>;
  /** For whoever uses the browser next. */
  forget: () => void;
};

/** Reads the basket before the routes do; without one, or with one in a currency of the past, it is an empty one. */
export function baskets(settings: SessionSettings, { currencies }: Catalogue): RequestHandler {
  const cookie = { ...settings, name: 'basket', seconds: basketSeconds };
  return async function readBasket(request, response, next) {
    const sealed = await openSealedCookie<{ basket: unknown }>(request, response, cookie);
    const kept = basketSchema.safeParse(sealed.basket).data;
    const keeper: BasketKeeper = {
      basket:
        kept !== undefined && currencies.includes(kept.currency)
          ? kept
          : { currency: currencies[0], lines: [] },
      save: async (basket) => {
        keeper.basket = basket;
        sealed.basket = basket;
        await sealed.save();
      },
      forget: () => {
        keeper.basket = { currency: keeper.basket.currency, lines: [] };
        sealed.destroy();
      },
    };
    response.locals['basketKeeper'] = keeper;
    next();
  };
}

/** The basket of the request being answered. */
export function basketOf(response: Response): BasketKeeper {
  return response.locals['basketKeeper'] as BasketKeeper;
}
