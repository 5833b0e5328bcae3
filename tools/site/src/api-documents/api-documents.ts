import { apiDocument as purchaseServiceDocument } from '@unity-purchase/purchase-service';
import { apiDocument as storefrontDocument } from '@unity-purchase/storefront';
import { format } from 'prettier';
import { eventsDocument } from './events-document.js';

/** Where the documents of all interfaces are kept, from the root of the project, with what each must say. */
const documents: Readonly<Record<string, object>> = {
  'docs/api/storefront.openapi.json': storefrontDocument,
  'docs/api/purchase-service.openapi.json': purchaseServiceDocument,
  'docs/api/events.asyncapi.json': eventsDocument,
};

/** The files as they must be, by their places from the root of the project. */
export async function apiDocumentFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const [place, document] of Object.entries(documents))
    files.set(place, await format(JSON.stringify(document), { parser: 'json', printWidth: 110 }));
  return files;
}
