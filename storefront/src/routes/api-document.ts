import { appIds, problemDetailsSchema } from '@unity-purchase/contracts';
import { openApiDocument, type ApiRouter } from '@unity-purchase/service-kit';
import { catalogueApiRouter } from './catalogue-api.js';
import { purchasesApiRouter, type PurchasesApiDependencies } from './purchases-api.js';

/** The version of the API (SemVer): a breaking change increases the first number. */
const apiVersion = '1.2.0';

/** The API's routers, in the order in which requests pass them. */
export function apiRouters(dependencies: PurchasesApiDependencies): ApiRouter[] {
  return [catalogueApiRouter(dependencies.catalogue), purchasesApiRouter(dependencies)];
}

/** The OpenAPI document of the shop's API. */
export function apiDocument(routers: readonly ApiRouter[]): object {
  return openApiDocument({
    title: appIds.storefront,
    description: 'The catalogue, buying, the status of purchases, and the purchase history.',
    version: apiVersion,
    problem: problemDetailsSchema,
    securitySchemes: {
      session: { type: 'apiKey', in: 'cookie', name: 'session' },
      token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    },
    operations: routers.flatMap(({ operations }) => operations),
  });
}
