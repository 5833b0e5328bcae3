import { eventRoutes, shopperApiPath, type Activity } from '@unity-purchase/contracts';
import {
  deliveries,
  httpMeter,
  httpMetrics,
  methodNotAllowed,
  nameSpan,
  notFound,
  problemHandler,
  requestId,
  requestLog,
  requireCaller,
  sidecarCheck,
  type CallerTokens,
  type Logger,
} from '@unity-purchase/service-kit';
import express, { type Router } from 'express';
import type { RequestListener } from 'node:http';
import type { Registry } from 'prom-client';
import type { AuditLog } from './audit/audit-log.js';
import type { DeadLetterTelemetry } from './dead-letters/dead-letter-telemetry.js';
import type { DeadLetters } from './dead-letters/dead-letters.js';
import type { PurchaseHistory } from './purchases/purchase-history.js';
import type { PurchaseTelemetry } from './purchases/purchase-telemetry.js';
import type { RecordPurchase } from './purchases/record-purchase.js';
import type { SearchPurchases } from './purchases/search-purchases.js';
import { apiDocument, apiRouters } from './routes/api-document.js';
import { takeDeadLetter } from './routes/dead-letter-events.js';
import { takePurchaseEvent } from './routes/events.js';
import { storeFailures } from './routes/store-failures.js';
import type { ShopperRecords } from './shoppers/shopper-records.js';

export type AppDependencies = {
  logger: Logger;
  registry: Registry;
  history: PurchaseHistory;
  searchPurchases: SearchPurchases;
  recordPurchase: RecordPurchase;
  telemetry: PurchaseTelemetry;
  deadLetters: DeadLetters;
  shopperRecords: ShopperRecords;
  audit: AuditLog;
  deadLetterTelemetry: DeadLetterTelemetry;
  tokens: CallerTokens;
  /** What this replica does, by its metrics and its health. */
  activity: () => Promise<Activity>;
  /** What this port answers of health and metrics. */
  management: Router;
};

/** The service's HTTP side: deliveries, and behind them the rest in the order a request passes it. Listens nowhere. */
export function createApp(parts: AppDependencies): RequestListener {
  const meter = httpMeter(parts.registry);
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(requestId);
  app.use(parts.management);
  app.use(nameSpan);
  app.use(requestLog(parts.logger));
  app.use(httpMetrics(meter));
  app.use(Object.values(eventRoutes), requireCaller(parts.tokens, 'sidecar'));
  app.use(requireCaller(parts.tokens, 'sidecar or operator'));
  app.use(shopperApiPath, requireCaller(parts.tokens, 'operator'));
  const routers = apiRouters(parts);
  app.use(routers.map(({ router }) => router));
  const document = apiDocument(routers);
  app.get('/openapi.json', (_request, response) => {
    response.json(document);
  });
  app.use(methodNotAllowed(routers.flatMap(({ operations }) => operations)));
  app.use(notFound);
  app.use(storeFailures);
  app.use(problemHandler(parts.logger));
  const takeDeliveries = deliveries({
    routes: {
      [eventRoutes.purchases]: takePurchaseEvent(parts.recordPurchase, parts.telemetry),
      [eventRoutes.deadLetters]: takeDeadLetter({
        keep: (bytes) => parts.deadLetters.keep(bytes),
        telemetry: parts.deadLetterTelemetry,
      }),
    },
    isFromSidecar: sidecarCheck(parts.tokens),
    meter,
    logger: parts.logger,
  });
  return takeDeliveries(app);
}
