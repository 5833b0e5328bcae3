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
  type ApiRouter,
  type AppMonitoring,
} from '@unity-purchase/service-kit';
import express, { Router, type Express, type RequestHandler } from 'express';
import { baskets } from './basket/basket-cookie.js';
import type { Dependencies } from './dependencies.js';
import { bearerToken } from './middleware/bearer-token.js';
import { compressResponses } from './middleware/compress-responses.js';
import { deskLocals } from './middleware/desk-locals.js';
import { limitInFlight } from './middleware/limit-in-flight.js';
import { pageLocale } from './middleware/page-locale.js';
import { servePublicFiles } from './middleware/public-files.js';
import { limitFailures, limitRate } from './middleware/rate-limit.js';
import { sameOrigin } from './middleware/same-origin.js';
import { samePerson } from './middleware/same-person.js';
import { securityHeaders } from './middleware/security-headers.js';
import { pageErrors, pageNotFound } from './pages/page-errors.js';
import { paths } from './paths.js';
import { readPublicFiles } from './pages/public-files.js';
import { pageLocals, publicFolder, setUpViews } from './pages/views.js';
import { apiDocument, apiRouters } from './routes/api-document.js';
import { basketPagesRouter } from './routes/basket-pages.js';
import { buyAgainRouter } from './routes/buy-again.js';
import { catalogueRouter } from './routes/catalogue-pages.js';
import { checkoutPagesRouter } from './routes/checkout-pages.js';
import { currencyChoiceRouter } from './routes/currency-choice.js';
import { languageChoiceRouter } from './routes/language-choice.js';
import { demoPagesRouter } from './routes/demo-pages.js';
import { deskOverviewRouter } from './routes/desk-overview-pages.js';
import { eventStreamsRouter } from './routes/event-streams.js';
import { operatorPagesRouter } from './routes/operator-pages.js';
import { purchaseFilesRouter } from './routes/purchase-files.js';
import { purchasePagesRouter } from './routes/purchase-pages.js';
import { securityContactRouter } from './routes/security-contact.js';
import { signInRouter } from './routes/sign-in-pages.js';
import { sessions } from './sessions/session.js';

/** The shop's largest form is that of a full basket: one field for each line and a few others. */
const formParser = express.urlencoded({ extended: false, limit: '20kb', parameterLimit: linesMax + 10 });

/** HTTP knows no scheme for cookies. This one is the draft that browsers ignore and people understand. */
const cookieChallenge = `Cookie form-action="${paths.signIn}", cookie-name="session"`;

/** The Express app of the shop. Requests pass the middleware in this order. */
export function createApp(dependencies: Dependencies, { management, readActivity }: AppMonitoring): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', dependencies.trustedProxies);
  const publicFiles = readPublicFiles(publicFolder);
  setUpViews(app, dependencies.catalogue, publicFiles);
  app.use(requestId);
  app.use(management);
  app.use(nameSpan);
  app.use(requestLog(dependencies.logger));
  app.use(httpMetrics(httpMeter(dependencies.registry)));
  app.use(securityHeaders(dependencies.session.secure));
  const visitor = [sessions(dependencies.session, dependencies.signInMethods), pageLocale];
  const limits = [
    limitRate(dependencies.requestsPerMinuteMax),
    limitInFlight(dependencies.requestsPerClientMax),
    sameOrigin(dependencies),
    receiveBody(),
  ];
  const compress = compressResponses();
  const api = apiRouters(dependencies);
  // Programs send the most requests, and no middleware for pages concerns them.
  app.use(apiRouter(dependencies, { api, visitor, limits, compress }));
  app.use(servePublicFiles(publicFiles));
  app.use(compress);
  app.use(securityContactRouter(dependencies.securityContact, dependencies.now));
  app.use(visitor);
  app.use(baskets(dependencies.session, dependencies.catalogue));
  app.use(pageLocals(dependencies.operators?.passes));
  const { operators } = dependencies;
  const desk = operators && { ...operators, watch: operators.createWatch(readActivity) };
  // Before the limits, so that operators who reach one see it in the desk's words.
  if (desk !== undefined) app.use(paths.operators, deskLocals(desk));
  app.use(limits);
  let document: object | undefined;
  app.get(paths.apiDocument, (_request, response) => {
    response.json((document ??= apiDocument(api)));
  });
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
  app.locals['offersDemo'] = dependencies.demo !== undefined;
  if (desk !== undefined) {
    const { live, now, signInWays } = dependencies;
    app.use(deskOverviewRouter({ ...desk, streams: live.streams, now }));
    app.use(operatorPagesRouter({ ...desk, demo: signInWays.demo }));
  }
  if (dependencies.operators !== undefined && dependencies.demo !== undefined)
    app.use(
      demoPagesRouter({
        ...dependencies,
        ...dependencies.live,
        ...dependencies.operators,
        ...dependencies.demo,
      }),
    );
  app.use(pageNotFound);
  app.use(challenge(dependencies.readApiToken === undefined ? cookieChallenge : 'Bearer'));
  app.use('/api', problemHandler(dependencies.logger));
  app.use(pageErrors(dependencies.logger));
  return app;
}

/** As Express compares paths: in upper or lower case. */
const apiPath = /^\/api(?:\/|$)/i;

/** Everything under /api, and nothing else. `visitor` and `limits` are those of the pages, so that a client has one allowance for both. */
function apiRouter(
  dependencies: Dependencies,
  {
    api,
    visitor,
    limits,
    compress,
  }: { api: readonly ApiRouter[]; compress: RequestHandler } & Readonly<
    Record<'visitor' | 'limits', RequestHandler[]>
  >,
): Router {
  const router = Router();
  // Routes contain their whole path, so the router is not mounted under a part of it.
  router.use((request, _response, next) => {
    next(apiPath.test(request.path) ? undefined : 'router');
  });
  router.use((request, response, next) => {
    // The answer to a purchase is too small to be compressed.
    if (request.method === 'POST') next();
    else compress(request, response, next);
  });
  router.use(visitor);
  router.use(bearerToken(dependencies.readApiToken, limitFailures(dependencies.requestsPerMinuteMax)));
  router.use(limits);
  for (const each of api) router.use(each.router);
  router.use(methodNotAllowed(api.flatMap(({ operations }) => operations)));
  router.use(notFound);
  return router;
}
