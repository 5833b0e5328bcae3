import { shopperKey, type Shopper } from '@unity-purchase/contracts';
import type { RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Catalogue } from '../catalogue/catalogue.js';
import { createSealedCookie } from '../sessions/sealed-cookie.js';
import { sessionOf, type SessionSettings } from '../sessions/session.js';
import { basketSchema, type Basket } from './basket.js';
import { keepNotice, takeNotice, type BasketNotice } from './basket-notice.js';

/** A month, so that shoppers who return later still find their basket. */
const basketSeconds = 30 * 24 * 60 * 60;

/**
 * The basket of the current request. It is stored in the browser, so it is the same before and after signing in. After that it
 * belongs to that shopper: no one else sees it, even if a late answer or another tab stores it again after they signed out.
 */
export type BasketKeeper = {
  basket: Basket;
  save: (basket: Basket) => Promise<void>;
  /** Stores a basket that only the shopper with this key will see. */
  saveFor: (owner: string, basket: Basket) => Promise<void>;
  /** Gives the basket to a shopper who signs in. */
  giveTo: (shopper: Shopper) => Promise<void>;
  /** Removes the basket, so that the next user of the browser does not see it. */
  forget: () => void;
  /** Keeps a notice for the next page. */
  notify: (notice: BasketNotice) => void;
  /** The notice that no page has shown yet. */
  takeNotice: () => BasketNotice | undefined;
};

const storedSchema = z.object({ basket: z.unknown(), owner: z.unknown() }).partial();

/**
 * Reads the basket before the routes. It is empty without a valid cookie, if it belongs to someone else, or if the shop no longer
 * takes its currency. A basket without an owner was filled by someone who was not signed in.
 */
export function baskets(settings: SessionSettings, { currencies }: Catalogue): RequestHandler {
  const cookie = createSealedCookie({ ...settings, name: 'basket', seconds: basketSeconds });
  return async function readBasket(request, response, next) {
    const sealed = storedSchema.safeParse(await cookie.open(request, response)).data ?? {};
    const { shopper } = sessionOf(response);
    const owner = shopper && shopperKey(shopper.id);
    const isTheirs = sealed.owner === undefined || sealed.owner === owner;
    const stored = isTheirs ? basketSchema.safeParse(sealed.basket).data : undefined;
    const store = (basket: Basket, of: string | undefined) =>
      cookie.save(response, { basket, ...(of === undefined ? {} : { owner: of }) });
    const keeper: BasketKeeper = {
      basket:
        stored !== undefined && currencies.includes(stored.currency)
          ? stored
          : { currency: currencies[0], lines: [] },
      save: async (basket) => {
        keeper.basket = basket;
        await store(basket, owner);
      },
      saveFor: (of, basket) => store(basket, of),
      giveTo: async ({ id }) => {
        if (keeper.basket.lines.length > 0) await store(keeper.basket, shopperKey(id));
      },
      forget: () => {
        keeper.basket = { currency: keeper.basket.currency, lines: [] };
        cookie.remove(response);
      },
      notify: (notice) => {
        keepNotice(response, settings.secure, notice);
      },
      takeNotice: () => takeNotice(request, response, settings.secure),
    };
    response.locals['basketKeeper'] = keeper;
    next();
  };
}

/** The basket of the current request. */
export function basketOf(response: Response): BasketKeeper {
  return response.locals['basketKeeper'] as BasketKeeper;
}
