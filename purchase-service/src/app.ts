import { eventRoutes, rebuildApiPath, shopperApiPath } from '@unity-purchase/contracts';
import {
  challenge,
  deliveries,
  httpMeter,
  httpMetrics,
  methodNotAllowed,
  nameSpan,
  notFound,
  problemHandler,
  receiveBody,
  requestId,
  requestLog,
  requireCaller,
  sidecarCheck,
  useLane,
  type AppMonitoring,
} from '@unity-purchase/service-kit';
import express, { type RequestHandler } from 'express';
import type { RequestListener } from 'node:http';
import type { Dependencies } from './dependencies.js';
import { apiDocument, apiRouters } from './routes/api-document.js';
import { takeDeadLetter } from './routes/dead-letter-events.js';
import { takePurchaseEvent } from './routes/events.js';
import { invalidCursors } from './routes/invalid-cursors.js';
import { storeFailures } from './routes/store-failures.js';

/** Everything that this service answers is about shoppers, or for operators only. */
const notCached: RequestHandler = function forbidCaching(_request, response, next) {
  response.set('Cache-Control', 'no-store');
  next();
};

/**
 * The service's HTTP side. The sidecar's deliveries are answered first; all other requests pass the middleware in this order.
 * It listens nowhere.
 */
export function createApp(
  dependencies: Dependencies,
  { management, readActivity }: AppMonitoring,
): RequestListener {
  const { logger, registry, tokens, recordOrKeep, deadLetterTelemetry, recordPurchase, telemetry } =
    dependencies;
  const meter = httpMeter(registry);
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(requestId);
  app.use(management);
  app.use(nameSpan);
  app.use(requestLog(logger));
  app.use(notCached);
  app.use(httpMetrics(meter));
  app.use(Object.values(eventRoutes), requireCaller(tokens, 'sidecar'));
  app.use(requireCaller(tokens, 'sidecar or operator'));
  app.use([shopperApiPath, rebuildApiPath], requireCaller(tokens, 'operator'));
  app.use(receiveBody());
  app.use(useLane('reads'));
  app.use([shopperApiPath, rebuildApiPath], useLane('exports'));
  const routers = apiRouters({ ...dependencies, activity: readActivity });
  app.use(routers.map(({ router }) => router));
  let document: object | undefined;
  app.get('/openapi.json', (_request, response) => {
    response.json((document ??= apiDocument(routers)));
  });
  app.use(methodNotAllowed(routers.flatMap(({ operations }) => operations)));
  app.use(notFound);
  app.use(challenge('Bearer'));
  app.use(invalidCursors);
  app.use(storeFailures);
  app.use(problemHandler(logger));
  const takeDeliveries = deliveries({
    routes: {
      [eventRoutes.purchases]: takePurchaseEvent(recordPurchase, telemetry),
      [eventRoutes.deadLetters]: takeDeadLetter({ recordOrKeep, telemetry: deadLetterTelemetry }),
    },
    isFromSidecar: sidecarCheck(tokens),
    meter,
    logger: logger,
  });
  return takeDeliveries(app);
}
