import { join } from 'node:path';
import { projectRoot } from '../../project-root.js';

/** The repository's address. */
export const repository = 'https://github.com/unity-purchase/unity-purchase-system';

/** The workspace, which is VitePress' root. */
export const siteFolder = join(projectRoot, 'tools/site');

/** The source pages for VitePress, rewritten by every build. */
export const assembledFolder = join(siteFolder, '.pages');

/** The built site. */
export const builtFolder = join(siteFolder, 'dist');

/** The path under which the site is served: GitHub Pages' unless SITE_BASE names another. @throws Error for an invalid SITE_BASE */
export function baseFrom(env: NodeJS.ProcessEnv): `/${string}/` | '/' {
  const base = env['SITE_BASE'] ?? '/unity-purchase-system/';
  if (!/^\/(?:[^/]+\/)*$/.test(base))
    throw new Error(`SITE_BASE must begin and end with a slash, but is ${base}`);
  return base as `/${string}/`;
}
