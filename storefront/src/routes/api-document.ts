import { appIds, problemDetailsSchema } from '@unity-purchase/contracts';
import { openApiDocument, requireDocumented } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { paths } from '../paths.js';
import { purchaseOperations } from './purchases-api.js';

/** Changes with what callers see: the first number when something that worked no longer does. */
const apiVersion = '1.0.0';

/** What the shop's API can be asked, as its OpenAPI document. */
export const apiDocument = openApiDocument({
  title: appIds.storefront,
  description: 'Buying, and what became of it.',
  version: apiVersion,
  problem: problemDetailsSchema,
  securitySchemes: {
    session: { type: 'apiKey', in: 'cookie', name: 'session' },
    token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  },
  operations: purchaseOperations,
});

/** Answers with the document. @throws Error if it does not tell what the API's router answers */
export function apiDocumentRouter(api: Router): Router {
  requireDocumented([api], purchaseOperations);
  return Router().get(paths.apiDocument, (_request, response) => {
    response.json(apiDocument);
  });
}
