import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'vitepress';
import { deadLinksOf } from './built-site/dead-links.js';
import { apiPages } from './pages/api-pages.js';
import { overlayPages } from './pages/overlay-pages.js';
import { repositoryPages, type SiteFile } from './pages/repository-pages.js';
import { assembledFolder, baseFrom, builtFolder, siteFolder } from './paths.js';

/** `npm run build:site`: builds the documentation site into tools/site/dist. Fails on dead links. */
await assemble([...(await repositoryPages()), ...(await apiPages()), ...(await overlayPages())]);
await build(siteFolder);
const dead = await deadLinksOf(builtFolder, baseFrom(process.env));
if (dead.length > 0) {
  console.error(['Dead links:', ...dead].join('\n'));
  process.exitCode = 1;
} else console.log(`The site is in ${builtFolder}.`);

async function assemble(files: readonly SiteFile[]): Promise<void> {
  await rm(assembledFolder, { recursive: true, force: true });
  for (const { path, content } of files) {
    await mkdir(dirname(join(assembledFolder, path)), { recursive: true });
    await writeFile(join(assembledFolder, path), content);
  }
}
