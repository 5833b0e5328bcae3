import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DefaultTheme } from 'vitepress';

/** The parts of the site, in the order in which they are of use, with what belongs to each; the first that fits has a page. */
const parts: readonly { text: string; pages: RegExp }[] = [
  {
    text: 'The system',
    pages: /^(index|ARCHITECTURE|CHANGELOG|CONTRIBUTING|SECURITY)\.md$|^docs\/configuration\.md$/,
  },
  { text: 'Use it', pages: /^docs\/api\.md$|^docs\/api\// },
  { text: 'Run it', pages: /^docs\/operators\// },
  { text: 'Change it', pages: /^docs\/developers\// },
  { text: 'Decisions', pages: /^docs\/decisions\// },
  { text: 'In a cluster', pages: /^k8s\/|^kubernetes\// },
  { text: 'Measured, and looked at', pages: /^docs\// },
];

/** All pages that were assembled, by part; a folder's own page comes first. */
export async function sidebarOf(folder: string): Promise<DefaultTheme.SidebarItem[]> {
  const files = (await readdir(folder, { recursive: true }))
    .filter((path) => path.endsWith('.md'))
    .sort(indexFirst);
  const titles = await Promise.all(
    files.map(async (path) => titleOf(await readFile(join(folder, path), 'utf8'))),
  );
  const pages = files.map((path, index) => ({ path, title: titles[index] ?? path }));
  return parts
    .map(({ text, pages: fitting }) => ({
      text,
      items: pages
        .filter(({ path }) => parts.find((part) => part.pages.test(path))?.pages === fitting)
        .map(({ path, title }) => ({
          text: title,
          link: `/${path.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '')}`,
        })),
    }))
    .filter(({ items }) => items.length > 0);
}

function indexFirst(one: string, other: string): number {
  const rank = (path: string) => (basename(path) === 'index.md' ? path.replace('index.md', '') : path);
  return rank(one) < rank(other) ? -1 : 1;
}

/** The first heading, as text. */
function titleOf(markdown: string): string | undefined {
  return /^# (.*)$/m.exec(markdown)?.[1]?.replaceAll('`', '');
}
