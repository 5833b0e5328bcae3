import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { projectRoot } from '@unity-purchase/tools';
import { generatedFiles } from './api-documents/api-documents.js';

/** `npm run docs:api`: writes the OpenAPI and AsyncAPI documents and the page of problem codes from the code. */
for (const [place, text] of await generatedFiles()) {
  await mkdir(dirname(join(projectRoot, place)), { recursive: true });
  await writeFile(join(projectRoot, place), text);
  console.log(`Written: ${place}`);
}
