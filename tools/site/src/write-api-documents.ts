import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { projectRoot } from '@unity-purchase/tools';
import { apiDocumentFiles } from './api-documents/api-documents.js';

/** `npm run docs:api`: writes the OpenAPI and AsyncAPI documents from the routes and schemas. */
for (const [place, text] of await apiDocumentFiles()) {
  await mkdir(dirname(join(projectRoot, place)), { recursive: true });
  await writeFile(join(projectRoot, place), text);
  console.log(`Written: ${place}`);
}
