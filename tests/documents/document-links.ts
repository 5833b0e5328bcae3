import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import GithubSlugger from 'github-slugger';
import { projectRoot } from '@unity-purchase/tools';
import type { Page } from './pages.js';

/** Ignores code, where brackets mean something else. */
function withoutCode(text: string): string {
  return text.replaceAll(/^(\s*)(```|~~~)[\s\S]*?^\1\2\s*$/gm, '').replaceAll(/`[^`\n]*`/g, '');
}

/** The targets of a page's links and pictures within the project, as written. */
export function linksOf({ text }: Page): string[] {
  const inline = [...withoutCode(text).matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const defined = [...withoutCode(text).matchAll(/^\[[^\]]+\]:\s+(\S+)/gm)];
  return [...inline, ...defined]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z][a-z+.-]*:/i.test(link));
}

/** A page's anchors: its headings, as GitHub names them. */
export function anchorsOf({ text }: Page): Set<string> {
  const slugger = new GithubSlugger();
  const fenceless = text.replaceAll(/^(\s*)(```|~~~)[\s\S]*?^\1\2\s*$/gm, '');
  const headings = [...fenceless.matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)].map(([, heading = '']) =>
    heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, ''),
  );
  return new Set(headings.map((heading) => slugger.slug(heading)));
}

/** Links to files or headings that do not exist. */
export function deadLinks(pages: readonly Page[]): string[] {
  const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page)]));
  return pages.flatMap((page) =>
    linksOf(page)
      .filter((link) => !leadsSomewhere(page, link, anchors))
      .map((link) => `${page.path}: ${link}`),
  );
}

function leadsSomewhere(
  { path }: Page,
  link: string,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? path : join(dirname(path), decodeURI(file)).replace(/\/$/, '');
  if (target.startsWith('..') || !existsSync(join(projectRoot, target))) return false;
  return anchor === undefined || (anchors.get(target)?.has(anchor) ?? false);
}
