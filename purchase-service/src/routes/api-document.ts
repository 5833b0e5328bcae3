import { appIds, problemDetailsSchema } from '@unity-purchase/contracts';
import { openApiDocument, type ApiRouter } from '@unity-purchase/service-kit';
import { activityRouter } from './activity.js';
import { auditRouter } from './audit.js';
import { deadLettersRouter } from './dead-letters.js';
import { purchaseSearchesRouter } from './purchase-searches.js';
import { purchasesRouter } from './purchases.js';
import { rebuildRouter } from './rebuild.js';
import { shoppersRouter } from './shoppers.js';

/** The semantic version of the API: a change that breaks callers raises the major version. */
const apiVersion = '1.4.0';

type Dependencies = Parameters<typeof purchasesRouter>[0] &
  Parameters<typeof purchaseSearchesRouter>[0] &
  Parameters<typeof deadLettersRouter>[0] &
  Parameters<typeof shoppersRouter>[0] &
  Parameters<typeof rebuildRouter>[0] &
  Parameters<typeof activityRouter>[0] &
  Parameters<typeof auditRouter>[0];

/** Every router of the API. */
export function apiRouters(dependencies: Dependencies): ApiRouter[] {
  return [
    purchasesRouter(dependencies),
    purchaseSearchesRouter(dependencies),
    deadLettersRouter(dependencies),
    shoppersRouter(dependencies),
    rebuildRouter(dependencies),
    activityRouter(dependencies),
    auditRouter(dependencies),
  ];
}

/** The OpenAPI document of the API's routers. */
export function apiDocument(routers: readonly ApiRouter[]): object {
  return openApiDocument({
    title: appIds.purchaseService,
    description:
      'Recorded purchases, dead letters, shoppers, comparisons, activity and the audit log, for the sidecar and for operators.',
    version: apiVersion,
    problem: problemDetailsSchema,
    securitySchemes: {
      sidecar: { type: 'apiKey', in: 'header', name: 'dapr-api-token' },
      operator: { type: 'http', scheme: 'bearer' },
    },
    operations: routers.flatMap(({ operations }) => operations),
  });
}
