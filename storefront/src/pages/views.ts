import { fileURLToPath } from 'node:url';
import type { Express, Request, RequestHandler } from 'express';
import pug from 'pug';
import { basketOf } from '../basket/basket-cookie.js';
import { textIn, type Catalogue, type LocalizedText } from '../catalogue/catalogue.js';
import { localeOf } from '../middleware/page-locale.js';
import { peopleOf, personField } from '../middleware/same-person.js';
import type { OperatorPasses } from '../operators/operator-passes.js';
import * as addresses from '../paths.js';
import { sessionOf } from '../sessions/session.js';
import { languages } from '../texts/languages.js';
import { quantityFieldOf } from './basket-form.js';
import { shownLineText } from './order-form.js';
import type { PublicFiles } from './public-files.js';
import { shortNumber } from './short-number.js';

// Folders next to `src` and `dist`. The paths work from both.
const viewsFolder = fileURLToPath(new URL('../../views', import.meta.url));
export const publicFolder = fileURLToPath(new URL('../../public', import.meta.url));

/** Makes Pug the view engine, compiles each template once, and provides what all views use. */
export function setUpViews(app: Express, { currencies }: Catalogue, { addressOf }: PublicFiles): void {
  app.engine('pug', (file, options, done) => {
    pug.renderFile(file, options, done);
  });
  app.set('view engine', 'pug');
  app.set('views', viewsFolder);
  app.enable('view cache');
  Object.assign(app.locals, {
    // Enables Pug's own cache.
    cache: true,
    ...addresses,
    assetPath: addressOf,
    picturePath: (file: string) => addressOf(`pictures/${file}`),
    shownLineText,
    quantityFieldOf,
    shortNumber,
    languages,
    currencies,
    personField,
  });
}

/** Provides what the layout shows: the shopper, whether they are an operator, and the basket. */
export function pageLocals(passes: OperatorPasses | undefined): RequestHandler {
  return function setPageLocals(request, response, next) {
    const { shopper, operatorPass } = sessionOf(response);
    const { basket } = basketOf(response);
    const { language } = localeOf(response);
    const isPage = request.method === 'GET';
    Object.assign(response.locals, {
      shopper,
      people: peopleOf(response, passes),
      isOperator: passes?.operatorOf(operatorPass) !== undefined,
      hasDesk: passes !== undefined,
      path: isPage ? request.path : undefined,
      isForSearchEngines: isForSearchEngines(request),
      here: isPage ? pageToReturnTo(request) : addresses.pageOfForm(request.path),
      basketCount: basket.lines.reduce((count, { quantity }) => count + quantity, 0),
      currency: basket.currency,
      textOf: (text: LocalizedText) => textIn(text, language),
    });
    next();
  };
}

/** The page where a sign-in or a choice leads back to. The address to which the issuer redirects works only once. */
function pageToReturnTo({ path, originalUrl }: Request): string {
  return path === addresses.paths.signInCallback ? addresses.paths.catalogue : originalUrl;
}

/** Whether a page is the same for everyone and worth finding: the catalogue and its products, but no search. */
function isForSearchEngines({ path, query }: Request): boolean {
  return path === addresses.paths.catalogue
    ? query['q'] === undefined
    : path.startsWith(addresses.productPath(''));
}
