import { join } from 'node:path';
import { projectRoot } from '@unity-purchase/tools';

/** Where the code is. */
export const repository = 'https://github.com/unity-purchase/unity-purchase-system';

/** The workspace: what VitePress calls its root. */
export const siteFolder = join(projectRoot, 'tools/site');

/** The pages as VitePress gets them; written by each build. */
export const assembledFolder = join(siteFolder, '.pages');

/** The site. */
export const builtFolder = join(siteFolder, 'dist');

/** The path that the site is served under: that of GitHub's pages, unless SITE_BASE names another. */
export function baseFrom(env: NodeJS.ProcessEnv): `/${string}/` | '/' {
  const base = env['SITE_BASE'] ?? '/unity-purchase-system/';
  if (!/^\/(?:[^/]+\/)*$/.test(base))
    throw new Error(`SITE_BASE is ${base}; it begins and ends with a slash`);
  return base as `/${string}/`;
}
