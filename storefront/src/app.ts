import { linesMax } from '@unity-purchase/contracts';
import {
  httpMeter,
  httpMetrics,
  methodNotAllowed,
  nameSpan,
  notFound,
  problemHandler,
  requestId,
  requestLog,
  type Logger,
} from '@unity-purchase/service-kit';
import express, { type Express, type RequestHandler, type Router } from 'express';
import type { Registry } from 'prom-client';
import { baskets } from './basket/basket-cookie.js';
import type { TrustedProxies } from './config.js';
import type { LiveStreams } from './live/live-streams.js';
import type { PurchaseNews } from './live/purchase-news.js';
import { bearerToken } from './middleware/bearer-token.js';
import { pageLocale } from './middleware/page-locale.js';
import { limitRate } from './middleware/rate-limit.js';
import { sameOrigin } from './middleware/same-origin.js';
import { securityHeaders } from './middleware/security-headers.js';
import { pageErrors, pageNotFound } from './pages/page-errors.js';
import { paths } from './paths.js';
import { pageLocals, publicFolder, setUpViews } from './pages/views.js';
import { apiDocument } from './routes/api-document.js';
import { basketPagesRouter } from './routes/basket-pages.js';
import { buyAgainRouter } from './routes/buy-again.js';
import { catalogueRouter } from './routes/catalogue-pages.js';
import { checkoutPagesRouter } from './routes/checkout-pages.js';
import { currencyChoiceRouter } from './routes/currency-choice.js';
import { languageChoiceRouter } from './routes/language-choice.js';
import { newsRouter } from './routes/news.js';
import { operatorPagesRouter, type OperatorParts } from './routes/operator-pages.js';
import type { PurchaseParts } from './routes/purchase-parts.js';
import { purchaseFilesRouter } from './routes/purchase-files.js';
import { purchasePagesRouter } from './routes/purchase-pages.js';
import { purchasesApiRouter } from './routes/purchases-api.js';
import { securityContactRouter } from './routes/security-contact.js';
import { signInRouter, type SignInWays } from './routes/sign-in-pages.js';
import { sessions, type SessionSettings } from './sessions/session.js';
import type { ReadApiToken } from './sign-in/api-tokens.js';

export type AppDependencies = PurchaseParts & {
  logger: Logger;
  registry: Registry;
  session: SessionSettings;
  signInWays: SignInWays;
  /** Who a bearer token speaks for, where the API takes any. */
  readApiToken: ReadApiToken | undefined;
  /** The operators' pages, where there are any. */
  operators: OperatorParts | undefined;
  /** What pages that are open hear, and the streams that they hear it by. */
  live: { news: PurchaseNews; streams: LiveStreams };
  /** How many requests a client may send in a minute. */
  requestsPerMinuteMax: number;
  /** Which proxies are believed when they say whom they ask for; see `readTrustedProxies`. */
  trustedProxies: TrustedProxies;
  /** Where to tell of a weakness. */
  securityContact: string | undefined;
  /** What this port answers of health and metrics. */
  management: Router;
};

/** The largest forms of the shop are those of a full basket: a field for each line, and a few. */
const formParser = express.urlencoded({ extended: false, limit: '20kb', parameterLimit: linesMax + 10 });

/** An hour: long enough for a visit, short enough that a new style sheet is seen the same day. */
const staticFiles = express.static(publicFolder, { index: false, redirect: false, maxAge: '1h' });

/** The shop's HTTP side, in the order a request passes it. Listens nowhere. */
export function createApp(parts: AppDependencies): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', parts.trustedProxies);
  setUpViews(app, parts.catalogue);
  app.use(requestId);
  app.use(parts.management);
  app.use(nameSpan);
  app.use(requestLog(parts.logger));
  app.use(httpMetrics(httpMeter(parts.registry)));
  app.use(securityHeaders(parts.session.secure));
  app.use(staticFiles);
  app.use(securityContactRouter(parts.securityContact, parts.now));
  app.use(sessions(parts.session));
  app.use(pageLocale);
  app.use(onPages(baskets(parts.session, parts.catalogue)));
  app.use(onPages(pageLocals(parts.operators?.passes)));
  app.use('/api', bearerToken(parts.readApiToken));
  app.use(limitRate(parts.requestsPerMinuteMax));
  app.use(sameOrigin);
  const api = purchasesApiRouter(parts);
  app.use(api.router);
  const document = apiDocument(api);
  app.get(paths.apiDocument, (_request, response) => {
    response.json(document);
  });
  app.use(methodNotAllowed(api.operations));
  app.use('/api', notFound);
  app.use(formParser);
  app.use(languageChoiceRouter(parts.session));
  app.use(catalogueRouter(parts.catalogue));
  app.use(currencyChoiceRouter(parts.catalogue));
  app.use(basketPagesRouter(parts));
  app.use(buyAgainRouter(parts));
  app.use(checkoutPagesRouter(parts));
  app.use(signInRouter({ ways: parts.signInWays, operatorPasses: parts.operators?.passes }));
  app.use(purchaseFilesRouter(parts));
  app.use(newsRouter(parts.live));
  app.use(purchasePagesRouter(parts));
  if (parts.operators !== undefined) app.use(operatorPagesRouter(parts.operators));
  app.use(pageNotFound);
  app.use('/api', problemHandler(parts.logger));
  app.use(pageErrors(parts.logger));
  return app;
}

/** Programs have no basket and see no pages: they do not wait for either. */
function onPages(handler: RequestHandler): RequestHandler {
  return function handlePages(request, response, next) {
    if (request.path.startsWith('/api/')) next();
    else return handler(request, response, next);
  };
}
