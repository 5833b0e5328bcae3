import {
  currencySchema,
  linesMax,
  shopperKey,
  skuSchema,
  sumOfLines,
  type Purchase,
} from '@unity-purchase/contracts';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { titleOf, type Catalogue } from '../catalogue/catalogue.js';
import { purchasePath } from '../paths.js';
import { createSealedCookie } from '../sessions/sealed-cookie.js';
import type { SessionSettings } from '../sessions/session.js';

/** An order that the broker acknowledged: what it contains, and when it was placed and acknowledged. */
export type AcceptedContent = Pick<Purchase, 'lines' | 'total' | 'placedAt'> & {
  acceptedAt: string | undefined;
};

/** Longer than recording normally takes. A purchase that is delayed longer is known to the purchase-service. */
const orderSeconds = 6 * 60 * 60;

/** Without titles, which are in the catalogue: a cookie holds 4 kB. */
const storedSchema = z.strictObject({
  owner: z.string(),
  currency: currencySchema,
  lines: z.array(z.tuple([skuSchema, z.int(), z.int()])).max(linesMax),
  placedAt: z.iso.datetime(),
  acceptedAt: z.iso.datetime().optional(),
});

/**
 * Keeps an accepted order in the browser that placed it, so that its page can show the order until it is recorded, whichever
 * replica answers. Browsers send the cookie of an order to its own page only.
 */
export type OrderCookie = {
  keep: (response: Response, purchase: Purchase, acceptedAt: string | undefined) => Promise<void>;
  /** The order, if this shopper placed it with this browser in the last hours. Titles are in the given language. */
  find: (
    request: Request,
    response: Response,
    of: { shopperId: string; purchaseId: string; language: string },
  ) => Promise<AcceptedContent | undefined>;
};

export function createOrderCookie(
  settings: SessionSettings,
  catalogue: Pick<Catalogue, 'item'>,
): OrderCookie {
  const cookieOf = (purchaseId: string) =>
    createSealedCookie({ ...settings, name: 'order', seconds: orderSeconds, path: purchasePath(purchaseId) });
  return {
    keep: (response, { purchaseId, shopper, total, lines, placedAt }, acceptedAt) =>
      cookieOf(purchaseId).save(response, {
        owner: shopperKey(shopper.id),
        currency: total.currency,
        lines: lines.map(({ sku, quantity, unitPrice }) => [sku, quantity, unitPrice]),
        placedAt,
        ...(acceptedAt === undefined ? {} : { acceptedAt }),
      } satisfies z.input<typeof storedSchema>),
    find: async (request, response, { shopperId, purchaseId, language }) => {
      const stored = storedSchema.safeParse(await cookieOf(purchaseId).open(request, response)).data;
      if (stored?.owner !== shopperKey(shopperId)) return undefined;
      const { currency, placedAt, acceptedAt } = stored;
      const lines = stored.lines.map(([sku, quantity, unitPrice]) => ({
        sku,
        title: titleOf(catalogue, sku, language),
        quantity,
        unitPrice,
      }));
      return { lines, total: { amount: sumOfLines(lines), currency }, placedAt, acceptedAt };
    },
  };
}
