import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DefaultTheme } from 'vitepress';

/** The sections of the sidebar, in order. A page belongs to the first section that matches. */
const parts: readonly { text: string; pages: RegExp }[] = [
  {
    text: 'The system',
    pages: /^(index|ARCHITECTURE|CHANGELOG|CONTRIBUTING|SECURITY)\.md$|^docs\/configuration\.md$/,
  },
  { text: 'Use it', pages: /^docs\/api\.md$|^docs\/api\// },
  { text: 'Run it', pages: /^docs\/operators\// },
  { text: 'Change it', pages: /^docs\/developers\/|^packages\// },
  { text: 'Decisions', pages: /^docs\/decisions\// },
  { text: 'Kubernetes', pages: /^k8s\/|^kubernetes\// },
  { text: 'Measurements and screenshots', pages: /^docs\// },
];

/** All pages by section; a folder's index page comes first. */
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

/** The text of the first heading. */
function titleOf(markdown: string): string | undefined {
  return /^# (.*)$/m.exec(markdown)?.[1]?.replaceAll('`', '');
}
