import { basename } from 'node:path';
import { apiDocumentFiles } from '../api-documents/api-documents.js';
import { eventsPage } from './events-page.js';
import { openApiPage } from './openapi-page.js';
import type { SiteFile } from './repository-pages.js';

/** One page per API document, and the document itself for download. */
export async function apiPages(): Promise<SiteFile[]> {
  return [...(await apiDocumentFiles())].flatMap(([path, text]) => {
    const document: unknown = JSON.parse(text);
    const page = path.includes('asyncapi') ? eventsPage : openApiPage;
    return [
      { path: path.replace(/\.json$/, '.md'), content: page(document, basename(path)) },
      { path: `public/${path}`, content: text },
    ];
  });
}
