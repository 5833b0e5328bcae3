import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { publicFolder } from '../../src/pages/views.js';
import { serveRaw } from '../fakes/raw-answers.js';
import { createTestApp } from '../fakes/test-app.js';

const { app } = createTestApp();

type Manifest = {
  name: string;
  start_url: string;
  theme_color: string;
  background_color: string;
  icons: { src: string; sizes: string; type: string; purpose?: string }[];
};

let manifest: Manifest;
let page: string;
let colours: Record<'light' | 'dark', Record<string, string>>;

beforeAll(async () => {
  page = (await request(app).get('/')).text;
  await using client = await serveRaw(app);
  const { headers, body } = await client.ask(hrefOf('manifest'));
  expect(headers['content-type']).toBe('application/manifest+json; charset=utf-8');
  manifest = JSON.parse(body.toString()) as Manifest;
  colours = coloursIn(await readFile(join(publicFolder, 'style.css'), 'utf8'));
});

const hrefOf = (rel: string) => new RegExp(`<link rel="${rel}" href="([^"]+)"`).exec(page)?.[1] ?? '';

/** The colours that a style sheet defines for both schemes. Those of the dark one are the last. */
function coloursIn(style: string): typeof colours {
  const [light = '', dark = ''] = style.split('@media (prefers-color-scheme: dark)');
  const read = (text: string) =>
    Object.fromEntries(
      [...text.slice(0, text.indexOf('\n}\n')).matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(
        ([, name = '', value = '']) => [name, value],
      ),
    );
  return { light: read(light), dark: read(dark) };
}

/** The width and the height of a PNG file. */
function pngSize(file: Buffer): [width: number, height: number] {
  expect(file.subarray(1, 4).toString()).toBe('PNG');
  return [file.readUInt32BE(16), file.readUInt32BE(20)];
}

describe('the web manifest', () => {
  test('names the shop, where it starts, and its colours in the light scheme, as the format has no other', () => {
    const { light } = colours;
    expect(manifest).toMatchObject({
      name: 'Unity',
      start_url: '/',
      theme_color: light['surface'],
      background_color: light['paper'],
    });
  });

  test('has icons of 192 and 512 pixels, one of them for masks, and all of them exist', async () => {
    for (const { src, sizes, type } of manifest.icons) {
      const icon = await request(app).get(src).expect(200);
      expect([src, icon.type]).toEqual([src, type]);
      if (sizes !== 'any') expect(pngSize(icon.body as Buffer).join('x')).toBe(sizes);
    }
    const sizesFor = (purpose: string | undefined) =>
      manifest.icons.filter((icon) => icon.purpose === purpose).map(({ sizes }) => sizes);
    expect(sizesFor(undefined)).toEqual(['any', '192x192', '512x512']);
    expect(sizesFor('maskable')).toEqual(['512x512']);
  });

  test('may be loaded by the policy of the pages', async () => {
    const { headers } = await request(app).get('/');
    expect(headers['content-security-policy']).toContain("manifest-src 'self'");
  });
});

test('the touch icon has 180 pixels and no transparent corners, which telephones would make black', async () => {
  const icon = await request(app).get(hrefOf('apple-touch-icon')).expect(200);
  const file = icon.body as Buffer;
  expect(pngSize(file)).toEqual([180, 180]);
  // Either kind of colours without transparency: three channels, or a palette without a chunk of alpha values.
  expect([2, 3]).toContain(file.readUInt8(25));
  expect(file.includes('tRNS')).toBe(false);
});

describe.each(['light', 'dark'] as const)('in the %s scheme', (scheme) => {
  test('browsers colour their own bar like the header', () => {
    const [, colour] =
      new RegExp(`name="theme-color" content="(#\\w+)" media="\\(prefers-color-scheme: ${scheme}\\)"`).exec(
        page,
      ) ?? [];
    expect(colour).toBe({ ...colours.light, ...colours[scheme] }['surface']);
  });

  test('placeholders have a contrast of at least 4.5 to their field', async () => {
    const style = await readFile(join(publicFolder, 'style.css'), 'utf8');
    const [, placeholder = ''] =
      /::placeholder \{[^}]*?color: var\(--([\w-]+)\);[^}]*opacity: 1;/.exec(style) ?? [];
    const [, field = ''] =
      /input\[type='search'\][^{]*\{[^}]*background: var\(--([\w-]+)\)/.exec(style) ?? [];
    const values = { ...colours.light, ...colours[scheme] };
    expect(contrast(values[placeholder] ?? '', values[field] ?? '')).toBeGreaterThanOrEqual(4.5);
  });
});

/** The contrast ratio of two colours (WCAG 2.2). */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const value = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
