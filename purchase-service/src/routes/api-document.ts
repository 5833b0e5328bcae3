import { appIds, problemDetailsSchema } from '@unity-purchase/contracts';
import { openApiDocument, requireDocumented, type ApiOperation } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { activityOperations } from './activity.js';
import { auditOperations } from './audit.js';
import { deadLetterOperations } from './dead-letters.js';
import { purchaseOperations } from './purchases.js';
import { shopperOperations } from './shoppers.js';

/** Changes with what callers see: the first number when something that worked no longer does. */
const apiVersion = '1.2.0';

export const operations: readonly ApiOperation[] = [
  ...purchaseOperations,
  ...deadLetterOperations,
  ...shopperOperations,
  ...activityOperations,
  ...auditOperations,
];

/** What this service can be asked, as its OpenAPI document. */
export const apiDocument = openApiDocument({
  title: appIds.purchaseService,
  description: 'What was recorded, and what could not be. For the sidecar and for operators.',
  version: apiVersion,
  problem: problemDetailsSchema,
  securitySchemes: {
    sidecar: { type: 'apiKey', in: 'header', name: 'dapr-api-token' },
    operator: { type: 'http', scheme: 'bearer' },
  },
  operations,
});

/** Answers with the document. @throws Error if it does not tell what the routers of the API answer */
export function apiDocumentRouter(api: readonly Router[]): Router {
  requireDocumented(api, operations);
  return Router().get('/openapi.json', (_request, response) => {
    response.json(apiDocument);
  });
}
