import { fileURLToPath } from 'node:url';
import type { Express, RequestHandler } from 'express';
import pug from 'pug';
import type { OperatorPasses } from '../operators/operator-passes.js';
import {
  deadLetterPath,
  paths,
  productPath,
  purchaseFilePath,
  purchasePath,
  signInPath,
  signInStartPath,
} from '../paths.js';
import { sessionOf } from '../sessions/session.js';
import { formatDateTime, formatMoney } from './format.js';

/** Folders beside `src` and `dist`, found from either. */
const viewsFolder = fileURLToPath(new URL('../../views', import.meta.url));
export const publicFolder = fileURLToPath(new URL('../../public', import.meta.url));

/** Makes Pug the view engine, each template compiled once, and hands the views what all of them use. */
export function setUpViews(app: Express): void {
  app.engine('pug', (file, options, done) => {
    pug.renderFile(file, options, done);
  });
  app.set('view engine', 'pug');
  app.set('views', viewsFolder);
  app.enable('view cache');
  Object.assign(app.locals, {
    // Pug's own cache needs to be told as well.
    cache: true,
    paths,
    productPath,
    purchasePath,
    purchaseFilePath,
    signInPath,
    signInStartPath,
    deadLetterPath,
    formatMoney,
    formatDateTime,
  });
}

/** Tells the layout who is signed in, and whether as an operator. */
export function pageLocals(passes: OperatorPasses | undefined): RequestHandler {
  return function setPageLocals(request, response, next) {
    const { shopper, operatorPass } = sessionOf(response);
    response.locals['shopper'] = shopper;
    response.locals['isOperator'] = passes?.isValid(operatorPass) === true;
    // A form that is shown again stands at an address that is no page.
    response.locals['path'] = request.method === 'GET' ? request.path : paths.catalogue;
    next();
  };
}
