import { appIds, problemDetailsSchema } from '@unity-purchase/contracts';
import { openApiDocument, type ApiRouter } from '@unity-purchase/service-kit';

/** Changes with what callers see: the first number when something that worked no longer does. */
const apiVersion = '1.0.0';

/** The OpenAPI document of the shop's API. */
export function apiDocument({ operations }: ApiRouter): object {
  return openApiDocument({
    title: appIds.storefront,
    description: 'Buying, and what became of it.',
    version: apiVersion,
    problem: problemDetailsSchema,
    securitySchemes: {
      session: { type: 'apiKey', in: 'cookie', name: 'session' },
      token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    },
    operations,
  });
}
