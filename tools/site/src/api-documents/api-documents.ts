import * as purchaseService from '@unity-purchase/purchase-service';
import { createDaprGateway, createLogger, Lifecycle } from '@unity-purchase/service-kit';
import * as storefront from '@unity-purchase/storefront';
import { format } from 'prettier';
import { eventsDocument } from './events-document.js';

/** The services are built and never started: their documents describe the routes that they register. */
const environment = { PORT: '1', DAPR_HTTP_PORT: '1' };
const logger = createLogger('documents', { level: 'silent', format: 'json' });
const lifecycle = new Lifecycle(logger);
const gateway = createDaprGateway(1, undefined);

async function storefrontDocument(): Promise<object> {
  const configuration = storefront.configure(environment);
  const services = { gateway, secret: 'x'.repeat(64) };
  const dependencies = await storefront.createDependencies(configuration, services, lifecycle, logger);
  return storefront.apiDocument(storefront.purchasesApiRouter(dependencies));
}

function purchaseServiceDocument(): object {
  const configuration = purchaseService.configure(environment);
  const dependencies = purchaseService.createDependencies(configuration, gateway, lifecycle, logger);
  return purchaseService.apiDocument(purchaseService.apiRouters(dependencies));
}

/** The documents of all interfaces, by their paths from the root of the project. */
export async function apiDocumentFiles(): Promise<ReadonlyMap<string, string>> {
  const documents = {
    'docs/api/storefront.openapi.json': await storefrontDocument(),
    'docs/api/purchase-service.openapi.json': purchaseServiceDocument(),
    'docs/api/events.asyncapi.json': eventsDocument,
  };
  const files = new Map<string, string>();
  for (const [path, document] of Object.entries(documents))
    files.set(path, await format(JSON.stringify(document), { parser: 'json', printWidth: 110 }));
  return files;
}
