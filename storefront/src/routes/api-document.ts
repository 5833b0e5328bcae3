import { appIds, problemDetailsSchema } from '@unity-purchase/contracts';
import { openApiDocument, type ApiRouter } from '@unity-purchase/service-kit';

/** The version of the API (SemVer): a breaking change increases the first number. */
const apiVersion = '1.0.0';

/** The OpenAPI document of the shop's API. */
export function apiDocument({ operations }: ApiRouter): object {
  return openApiDocument({
    title: appIds.storefront,
    description: 'Buying, the status of purchases, and the purchase history.',
    version: apiVersion,
    problem: problemDetailsSchema,
    securitySchemes: {
      session: { type: 'apiKey', in: 'cookie', name: 'session' },
      token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    },
    operations,
  });
}
