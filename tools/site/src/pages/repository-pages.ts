import { existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path/posix';
import { projectRoot } from '@unity-purchase/tools';
import { repository } from '../paths.js';
import { changeLinks, changeText } from './markdown-text.js';

/** Folders whose pages, at any depth, are part of the site, in addition to the root's. */
const folders = ['docs', 'k8s', 'packages'];

/** File types of pictures, which are copied along. */
const pictures = new Set(['.png', '.svg']);

/** The site uses the shop's icon. */
const shopIcon = 'storefront/public/favicon.svg';

/** A file of the site; `path` is relative to the site's root. */
export type SiteFile = { path: string; content: string | Buffer };

/** The repository's pages and pictures, adapted to the site. */
export async function repositoryPages(): Promise<SiteFile[]> {
  const below = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(join(projectRoot, folder), { recursive: true });
      return entries.map((entry) => `${folder}/${entry}`).filter((path) => !path.includes('node_modules/'));
    }),
  );
  const paths = [...(await readdir(projectRoot)), ...below.flat()].sort();
  const pages = paths.filter((path) => path.endsWith('.md'));
  const icon = { path: 'public/favicon.svg', content: await readFile(join(projectRoot, shopIcon)) };
  const files = await Promise.all(
    paths
      .filter((path) => path.endsWith('.md') || (path.includes('/') && pictures.has(extname(path))))
      .map(async (path) => {
        const content = await readFile(join(projectRoot, path));
        return path.endsWith('.md')
          ? { path: sitePathOf(path), content: sitePage(path, content.toString(), new Set(pages)) }
          : { path, content };
      }),
  );
  return [...files, icon];
}

/** A README becomes its folder's index page. */
export const sitePathOf = (path: string): string => path.replace(/(^|\/)README\.md$/, '$1index.md');

/** Adapts a page: links to other pages stay on the site, and links to code lead to the repository. @throws Error for a dead link */
export function sitePage(path: string, markdown: string, pages: ReadonlySet<string>): string {
  const linked = changeLinks(markdown, (target) => {
    if (target.startsWith('#') || /^[a-z][a-z+.-]*:/i.test(target)) return target;
    const [file = '', anchor] = target.split('#');
    const found = join(dirname(path), file).replace(/\/$/, '');
    const behind = anchor === undefined ? '' : `#${anchor}`;
    if (pages.has(found)) return toPage(path, sitePathOf(found)) + behind;
    if (pages.has(`${found}/README.md`)) return toPage(path, `${found}/index.md`) + behind;
    // API documents have pages.
    if (/^docs\/api\/[\w.-]+\.json$/.test(found)) return toPage(path, found.replace(/\.json$/, '.md'));
    if (pictures.has(extname(found)) && found.includes('/')) return target;
    return toCode(path, found);
  });
  return changeText(linked, (text) =>
    text
      .replaceAll(/^<!-- not run: (.*) -->$/gm, '_Not run by a test: $1._')
      // VitePress would evaluate these braces.
      .replaceAll('{{', '&#123;&#123;'),
  );
}

function toPage(from: string, to: string): string {
  const path = relative(dirname(sitePathOf(from)), to);
  return path.startsWith('.') ? path : `./${path}`;
}

function toCode(page: string, path: string): string {
  const place = join(projectRoot, path);
  if (path.startsWith('..') || !existsSync(place))
    throw new Error(`${page} links to ${path}, which does not exist`);
  return `${repository}/${statSync(place).isDirectory() ? 'tree' : 'blob'}/main/${path}`;
}
