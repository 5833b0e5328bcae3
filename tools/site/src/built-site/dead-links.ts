import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const attribute = (name: string) => new RegExp(`\\s${name}="([^"]*)"`, 'g');

const plain = (text: string) =>
  text.replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"');

/**
 * The dead links of a built site: to a missing file or anchor, by links, pictures, scripts and styles. Also reports whatever
 * it would load from other hosts. `base` is the path under which the site is served.
 */
export async function deadLinksOf(folder: string, base: string): Promise<string[]> {
  const files = new Set(
    (await readdir(folder, { recursive: true })).map((path) => path.replaceAll('\\', '/')),
  );
  const pages = new Map<string, string>();
  for (const path of files)
    if (path.endsWith('.html')) pages.set(path, withoutScripts(await readFile(join(folder, path), 'utf8')));
  const ids = new Map(
    [...pages].map(([path, html]) => [
      path,
      new Set([...html.matchAll(attribute('id'))].map(([, id = '']) => plain(id))),
    ]),
  );
  const dead: string[] = [];
  for (const [page, html] of pages) {
    const origin = `https://site.invalid`;
    for (const [, source = ''] of html.matchAll(attribute('src')))
      if (/^(?:https?:)?\/\//.test(source)) dead.push(`${page}: loads ${source}`);
    for (const [, link = ''] of [...html.matchAll(attribute('href')), ...html.matchAll(attribute('src'))]) {
      const url = new URL(plain(link), `${origin}${base}${page}`);
      if (url.origin !== origin) continue;
      if (!isThere(url, { base, files, ids })) dead.push(`${page}: ${link}`);
    }
  }
  return [...new Set(dead)];
}

type Site = { base: string; files: ReadonlySet<string>; ids: ReadonlyMap<string, ReadonlySet<string>> };

function isThere({ pathname, hash }: URL, { base, files, ids }: Site): boolean {
  if (!pathname.startsWith(base)) return false;
  const path = decodeURIComponent(pathname.slice(base.length));
  const file = [path, `${path.replace(/\/$/, '')}/index.html`.replace(/^\//, ''), `${path}.html`].find(
    (each) => files.has(each) && each !== '' && !each.endsWith('/') && (ids.has(each) || /\.\w+$/.test(each)),
  );
  if (file === undefined) return false;
  return hash === '' || (ids.get(file)?.has(decodeURIComponent(hash.slice(1))) ?? false);
}

/** Removes the content of scripts, which is not part of the page. */
function withoutScripts(html: string): string {
  return html.replaceAll(/(<script\b[^>]*>)[\s\S]*?(<\/script>)/g, '$1$2');
}
