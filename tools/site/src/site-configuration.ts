import { createHash } from 'node:crypto';
import { slug } from 'github-slugger';
import type { DefaultTheme, UserConfig } from 'vitepress';
import { sidebarOf } from './pages/sidebar.js';
import { assembledFolder, baseFrom, builtFolder, repository } from './paths.js';

const base = baseFrom(process.env);

/** Adds a content security policy that allows the page's inline scripts by hash, and nothing from other hosts. */
function withContentSecurityPolicy(html: string): string {
  const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)];
  const hashes = inline.map(([, script = '']) => {
    const digest = createHash('sha256').update(script).digest('base64');
    return `'sha256-${digest}'`;
  });
  const policy = [
    "default-src 'self'",
    `script-src 'self' ${hashes.join(' ')}`,
    // Code highlighting uses style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'none'",
  ].join('; ');
  return html.replace(
    '<head>',
    `<head>\n    <meta http-equiv="Content-Security-Policy" content="${policy}">`,
  );
}

/** VitePress' configuration. A link to a missing page fails the build. */
export const siteConfiguration: UserConfig<DefaultTheme.Config> = {
  title: 'Unity Purchase System',
  description: 'A shop on Dapr with an exchangeable broker and store',
  lang: 'en',
  base,
  srcDir: assembledFolder,
  outDir: builtFolder,
  ignoreDeadLinks: false,
  // GitHub renders the same pages, so HTML is text and headings get GitHub's anchors.
  markdown: {
    html: false,
    attrs: { disable: true },
    anchor: { slugify: slug },
    // The default themes have too little contrast.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}favicon.svg` }]],
  transformHtml: withContentSecurityPolicy,
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Use it', link: '/docs/api' },
      { text: 'Run it', link: '/docs/operators/' },
      { text: 'Change it', link: '/docs/developers/' },
      { text: 'Decisions', link: '/docs/decisions/' },
    ],
    sidebar: await sidebarOf(assembledFolder),
    outline: { level: [2, 3] },
    socialLinks: [{ icon: 'github', link: repository, ariaLabel: 'The code, on GitHub' }],
  },
};
