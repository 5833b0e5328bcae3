import type { RequestHandler, Response } from 'express';
import type { Catalogue } from '../catalogue/catalogue.js';
import { openSealedCookie } from '../sessions/sealed-cookie.js';
import type { SessionSettings } from '../sessions/session.js';
import { basketSchema, type Basket } from './basket.js';

/** A month, so that shoppers who return later still find their basket. */
const basketSeconds = 30 * 24 * 60 * 60;

/** The basket of the current request. It is stored in the browser, so it is the same before and after signing in. */
export type BasketKeeper = {
  basket: Basket;
  save: (basket: Basket) => Promise<void>;
  /** Removes the basket, so that the next user of the browser does not see it. */
  forget: () => void;
};

/** Reads the basket before the routes. It is empty without a valid cookie, or if the shop no longer takes its currency. */
export function baskets(settings: SessionSettings, { currencies }: Catalogue): RequestHandler {
  const cookie = { ...settings, name: 'basket', seconds: basketSeconds };
  return async function readBasket(request, response, next) {
    const sealed = await openSealedCookie<{ basket: unknown }>(request, response, cookie);
    const stored = basketSchema.safeParse(sealed.basket).data;
    const keeper: BasketKeeper = {
      basket:
        stored !== undefined && currencies.includes(stored.currency)
          ? stored
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

/** The basket of the current request. */
export function basketOf(response: Response): BasketKeeper {
  return response.locals['basketKeeper'] as BasketKeeper;
}
