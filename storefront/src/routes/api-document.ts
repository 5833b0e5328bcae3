import { appIds, problemDetailsSchema } from '@unity-purchase/contracts';
import { openApiDocument, requireDocumented } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { paths } from '../paths.js';
import { purchaseOperations } from './purchases-api.js';

/** Changes with what callers see: the first number when something that worked no longer does. */
const apiVersion = '1.0.0';

/** Tells what the shop's API can be asked. @throws Error if that is not what its router answers */
export function apiDocumentRouter(api: Router): Router {
  requireDocumented([api], purchaseOperations);
  const document = openApiDocument({
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
  return Router().get(paths.apiDocument, (_request, response) => {
    response.json(document);
  });
}
