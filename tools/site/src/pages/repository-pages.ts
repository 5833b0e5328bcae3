import { existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path/posix';
import { projectRoot } from '@unity-purchase/tools';
import { repository } from '../places.js';
import { changeLinks, changeText } from './markdown-text.js';

/** Folders whose pages, at any depth, are part of the site; besides those in the root. */
const folders = ['docs', 'k8s'];

/** What pages show is copied along. */
const pictures = new Set(['.png', '.svg']);

/** The site has the shop's. */
const shopIcon = 'storefront/public/favicon.svg';

/** A file of the site, by its place in it. */
export type SiteFile = { path: string; content: string | Buffer };

/** The repository's own pages, with their pictures, made for the site. */
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
          ? { path: placeOf(path), content: sitePage(path, content.toString(), new Set(pages)) }
          : { path, content };
      }),
  );
  return [...files, icon];
}

/** What GitHub shows of a folder is the folder's page here. */
export const placeOf = (path: string): string => path.replace(/(^|\/)README\.md$/, '$1index.md');

/** A page of the repository as a page of the site: its links lead to pages here, or to the code where that is. */
export function sitePage(path: string, markdown: string, pages: ReadonlySet<string>): string {
  const linked = changeLinks(markdown, (target) => {
    if (target.startsWith('#') || /^[a-z][a-z+.-]*:/i.test(target)) return target;
    const [file = '', anchor] = target.split('#');
    const found = join(dirname(path), file).replace(/\/$/, '');
    const behind = anchor === undefined ? '' : `#${anchor}`;
    if (pages.has(found)) return toPage(path, placeOf(found)) + behind;
    if (pages.has(`${found}/README.md`)) return toPage(path, `${found}/index.md`) + behind;
    // The documents of APIs are shown as pages.
    if (/^docs\/api\/[\w.-]+\.json$/.test(found)) return toPage(path, found.replace(/\.json$/, '.md'));
    if (pictures.has(extname(found)) && found.includes('/')) return target;
    return toCode(path, found);
  });
  return changeText(linked, (text) =>
    text
      .replaceAll(/^<!-- not run: (.*) -->$/gm, '_Not run by a test: $1._')
      // What the pages' own renderer would take for a value.
      .replaceAll('{{', '&#123;&#123;'),
  );
}

function toPage(from: string, to: string): string {
  const path = relative(dirname(placeOf(from)), to);
  return path.startsWith('.') ? path : `./${path}`;
}

function toCode(page: string, path: string): string {
  const place = join(projectRoot, path);
  if (path.startsWith('..') || !existsSync(place))
    throw new Error(`${page} links to ${path}, which is not there`);
  return `${repository}/${statSync(place).isDirectory() ? 'tree' : 'blob'}/main/${path}`;
}
