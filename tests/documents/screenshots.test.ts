import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '@unity-purchase/tools';
import { gallery, picturesInDocs } from '../pages/pictures-in-docs.js';
import { fileOf } from '../pages/pictures.js';

const folder = join(projectRoot, 'docs/screenshots');

test('docs/screenshots has the pictures that its page shows, and no others', async () => {
  const wanted = picturesInDocs.map(({ page, picture }) => fileOf(page, picture));
  expect((await readdir(folder)).sort()).toEqual([...wanted, 'README.md'].sort());
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe(gallery());
});
