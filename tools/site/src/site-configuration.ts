import { createHash } from 'node:crypto';
import { slug } from 'github-slugger';
import type { DefaultTheme, UserConfig } from 'vitepress';
import { sidebarOf } from './pages/sidebar.js';
import { assembledFolder, baseFrom, builtFolder, repository } from './places.js';

const base = baseFrom(process.env);

/** What inline scripts there are may run, by their content, and nothing comes from elsewhere. */
function withContentSecurityPolicy(html: string): string {
  const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)];
  const hashes = inline.map(([, script = '']) => {
    const digest = createHash('sha256').update(script).digest('base64');
    return `'sha256-${digest}'`;
  });
  const policy = [
    "default-src 'self'",
    `script-src 'self' ${hashes.join(' ')}`,
    // Colours of code are styles of elements.
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

/** How the site is built of the pages that were assembled. A link to a page that is not there fails the build. */
export const siteConfiguration: UserConfig<DefaultTheme.Config> = {
  title: 'Unity Purchase System',
  description: 'A shop on Dapr, with a broker and a store you can exchange',
  lang: 'en',
  base,
  srcDir: assembledFolder,
  outDir: builtFolder,
  ignoreDeadLinks: false,
  // The pages are the repository's, for GitHub, too: what looks like HTML is meant as text, and headings have GitHub's names.
  markdown: {
    html: false,
    attrs: { disable: true },
    anchor: { slugify: slug },
    // The theme's own are too light to be read by everybody.
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
