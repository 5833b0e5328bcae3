import { fileURLToPath } from 'node:url';
import type { Express, RequestHandler } from 'express';
import pug from 'pug';
import { basketOf } from '../basket/basket-cookie.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { textIn, type LocalizedText } from '../catalogue/catalogue.js';
import { localeOf } from '../middleware/page-locale.js';
import type { OperatorPasses } from '../operators/operator-passes.js';
import * as addresses from '../paths.js';
import { sessionOf } from '../sessions/session.js';
import { languages } from '../texts/languages.js';
import { orderLineText } from './order-form.js';

/** Folders beside `src` and `dist`, found from either. */
const viewsFolder = fileURLToPath(new URL('../../views', import.meta.url));
export const publicFolder = fileURLToPath(new URL('../../public', import.meta.url));

/** Makes Pug the view engine, each template compiled once, and hands the views what all of them use. */
export function setUpViews(app: Express, { currencies }: Catalogue): void {
  app.engine('pug', (file, options, done) => {
    pug.renderFile(file, options, done);
  });
  app.set('view engine', 'pug');
  app.set('views', viewsFolder);
  app.enable('view cache');
  Object.assign(app.locals, {
    // Pug's own cache needs to be told as well.
    cache: true,
    ...addresses,
    orderLineText,
    languages,
    currencies,
  });
}

/** Tells the layout who is signed in, whether as an operator, and what they have in their basket. */
export function pageLocals(passes: OperatorPasses | undefined): RequestHandler {
  return function setPageLocals(request, response, next) {
    const { shopper, operatorPass } = sessionOf(response);
    const { basket } = basketOf(response);
    const { language } = localeOf(response);
    const isPage = request.method === 'GET';
    Object.assign(response.locals, {
      shopper,
      isOperator: passes?.operatorOf(operatorPass) !== undefined,
      path: isPage ? request.path : undefined,
      here: isPage ? request.originalUrl : pageOfForm(request.path),
      basketCount: basket.lines.reduce((count, { quantity }) => count + quantity, 0),
      currency: basket.currency,
      textOf: (text: LocalizedText) => textIn(text, language),
    });
    next();
  };
}

/** A form that is shown again stands at an address that is no page: this is where its page is. */
function pageOfForm(path: string): string {
  const { basket, catalogue, checkout, purchases } = addresses.paths;
  if (path === purchases) return checkout;
  return path.startsWith(basket) ? basket : catalogue;
}
