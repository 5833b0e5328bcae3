import * as purchaseService from '@unity-purchase/purchase-service';
import { createDaprGateway, createLogger } from '@unity-purchase/service-kit';
import * as storefront from '@unity-purchase/storefront';
import { format } from 'prettier';
import { Registry } from 'prom-client';
import { eventsDocument } from './events-document.js';
import { problemCodesPage } from './problem-codes-page.js';

/** The services are built and never started: their documents describe the routes that they register. */
const environment = { PORT: '1', DAPR_HTTP_PORT: '1' };
const logger = createLogger('documents', { level: 'silent', format: 'json' });
const gateway = { ...createDaprGateway(1, undefined), readSecret: () => Promise.resolve('x'.repeat(64)) };

async function storefrontDocument(): Promise<object> {
  const configuration = storefront.configure(environment);
  const platform = { gateway, registry: new Registry(), logger };
  const inputs = await storefront.readInputs(configuration, gateway);
  const dependencies = storefront.createDependencies(configuration, platform, inputs);
  return storefront.apiDocument(storefront.apiRouters(dependencies));
}

function purchaseServiceDocument(): object {
  const configuration = purchaseService.configure(environment);
  const platform = { gateway, registry: new Registry(), logger };
  const dependencies = purchaseService.createDependencies(configuration, platform);
  const activity = () => Promise.reject(new Error('the service is not started'));
  return purchaseService.apiDocument(purchaseService.apiRouters({ ...dependencies, activity }));
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

/** Every file that `npm run docs:api` writes, by its path from the root of the project. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([...(await apiDocumentFiles()), ['docs/api/problem-codes.md', await problemCodesPage()]]);
}
