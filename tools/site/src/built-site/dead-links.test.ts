import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { deadLinksOf } from './dead-links.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'site-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** The dead links on a page of a small site. */
async function deadOf(body: string): Promise<string[]> {
  const files = {
    'index.html': '<h2 id="its-heading">',
    'docs/index.html': '<h1 id="docs">',
    'docs/page.html': body,
    'docs/file.json': '{}',
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return deadLinksOf(folder, '/base/');
}

test.each([
  ['/base/'],
  ['/base/#its-heading'],
  ['/base/docs/'],
  ['./'],
  ['./index.html#docs'],
  ['file.json'],
  ['page'],
  ['https://elsewhere.example/nothing'],
])('accepts a link to %s', async (link) => {
  expect(await deadOf(`<a class="x" href="${link}">`)).toEqual([]);
});

test.each([
  ['/'],
  ['/docs/'],
  ['/base/#nothing'],
  ['nothing.html'],
  ['file.yaml'],
  ['../docs/page.html#nothing'],
  ['#nothing'],
])('reports a dead link to %s with its page', async (link) => {
  expect(await deadOf(`<a class="x" href="${link}">`)).toEqual([`docs/page.html: ${link}`]);
});

test('reports a missing picture and a script from another host', async () => {
  expect(
    await deadOf('<img src="nothing.png"><script src="https://elsewhere.example/x.js"></script>'),
  ).toEqual(['docs/page.html: loads https://elsewhere.example/x.js', 'docs/page.html: nothing.png']);
});

test('ignores links inside scripts', async () => {
  expect(await deadOf(`<script>const text = '<a href="nothing">';</script>`)).toEqual([]);
});
