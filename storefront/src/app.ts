import { linesMax } from '@unity-purchase/contracts';
import {
  challenge,
  httpMeter,
  httpMetrics,
  methodNotAllowed,
  nameSpan,
  notFound,
  problemHandler,
  receiveBody,
  requestId,
  requestLog,
  type AppMonitoring,
} from '@unity-purchase/service-kit';
import express, { type Express, type RequestHandler } from 'express';
import { baskets } from './basket/basket-cookie.js';
import type { Dependencies } from './dependencies.js';
import { bearerToken } from './middleware/bearer-token.js';
import { limitInFlight } from './middleware/limit-in-flight.js';
import { pageLocale } from './middleware/page-locale.js';
import { limitFailures, limitRate } from './middleware/rate-limit.js';
import { sameOrigin } from './middleware/same-origin.js';
import { samePerson } from './middleware/same-person.js';
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
import { eventStreamsRouter } from './routes/event-streams.js';
import { operatorPagesRouter } from './routes/operator-pages.js';
import { purchaseFilesRouter } from './routes/purchase-files.js';
import { purchasePagesRouter } from './routes/purchase-pages.js';
import { purchasesApiRouter } from './routes/purchases-api.js';
import { securityContactRouter } from './routes/security-contact.js';
import { signInRouter } from './routes/sign-in-pages.js';
import { sessions } from './sessions/session.js';

/** The shop's largest form is that of a full basket: one field for each line and a few others. */
const formParser = express.urlencoded({ extended: false, limit: '20kb', parameterLimit: linesMax + 10 });

/** An hour covers a visit, and browsers load a new style sheet on the same day. */
const staticFiles = express.static(publicFolder, { index: false, redirect: false, maxAge: '1h' });

/** HTTP knows no scheme for cookies. This one is the draft that browsers ignore and people understand. */
const cookieChallenge = `Cookie form-action="${paths.signIn}", cookie-name="session"`;

/** The Express app of the shop. Requests pass the middleware in this order. */
export function createApp(dependencies: Dependencies, { management, readActivity }: AppMonitoring): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', dependencies.trustedProxies);
  setUpViews(app, dependencies.catalogue);
  app.use(requestId);
  app.use(management);
  app.use(nameSpan);
  app.use(requestLog(dependencies.logger));
  app.use(httpMetrics(httpMeter(dependencies.registry)));
  app.use(securityHeaders(dependencies.session.secure));
  app.use(staticFiles);
  app.use(securityContactRouter(dependencies.securityContact, dependencies.now));
  app.use(sessions(dependencies.session, dependencies.signInMethods));
  app.use(pageLocale);
  app.use(onPages(baskets(dependencies.session, dependencies.catalogue)));
  app.use(onPages(pageLocals(dependencies.operators?.passes)));
  app.use('/api', bearerToken(dependencies.readApiToken, limitFailures(dependencies.requestsPerMinuteMax)));
  app.use(limitRate(dependencies.requestsPerMinuteMax));
  app.use(limitInFlight(dependencies.requestsPerClientMax));
  app.use(sameOrigin(dependencies));
  app.use(receiveBody());
  const api = purchasesApiRouter(dependencies);
  app.use(api.router);
  const document = apiDocument(api);
  app.get(paths.apiDocument, (_request, response) => {
    response.json(document);
  });
  app.use(methodNotAllowed(api.operations));
  app.use('/api', notFound);
  app.use(formParser);
  app.use(samePerson(dependencies.operators?.passes));
  app.use(languageChoiceRouter(dependencies.session));
  app.use(catalogueRouter(dependencies.catalogue));
  app.use(currencyChoiceRouter(dependencies.catalogue));
  app.use(basketPagesRouter(dependencies));
  app.use(buyAgainRouter(dependencies));
  app.use(checkoutPagesRouter(dependencies));
  app.use(signInRouter({ ways: dependencies.signInWays, operatorPasses: dependencies.operators?.passes }));
  app.use(purchaseFilesRouter(dependencies));
  app.use(eventStreamsRouter(dependencies.live));
  app.use(purchasePagesRouter(dependencies));
  if (dependencies.operators !== undefined)
    app.use(operatorPagesRouter({ ...dependencies.operators, ownActivity: readActivity }));
  app.use(pageNotFound);
  app.use(challenge(dependencies.readApiToken === undefined ? cookieChallenge : 'Bearer'));
  app.use('/api', problemHandler(dependencies.logger));
  app.use(pageErrors(dependencies.logger));
  return app;
}

/** Skips middleware for the API, which has no basket and no pages. */
function onPages(handler: RequestHandler): RequestHandler {
  return function handlePages(request, response, next) {
    if (request.path.startsWith('/api/')) next();
    else return handler(request, response, next);
  };
}
