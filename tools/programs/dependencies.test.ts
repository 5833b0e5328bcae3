import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { projectRoot } from '../project-root.js';

/** Permissive licences that are compatible with the project's own (SPDX names). */
const permissive = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
  'Zlib',
]);

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      license: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      link: z.boolean().default(false),
      dev: z.boolean().default(false),
    }),
  ),
});

const { packages } = lockSchema.parse(
  JSON.parse(await readFile(join(projectRoot, 'package-lock.json'), 'utf8')),
);
const dependencies = Object.entries(packages).filter(
  ([place, { link }]) => place.includes('node_modules/') && !link,
);

/** Whether a licence, which may be an SPDX expression, consists of permissive licences. */
function isPermissive(license: string | undefined): boolean {
  const names = (license ?? '').replace(/[()]/g, '').split(/ (?:AND|OR) /);
  return names.every((name) => permissive.has(name) || permissive.has(name.replace(/^apache/, 'Apache')));
}

describe('package-lock.json', () => {
  test('contains only permissive licences for the services', () => {
    const others = dependencies
      .filter(([, { dev, license }]) => !dev && !isPermissive(license))
      .map(([place, { license }]) => `${place}: ${license}`);
    expect(others).toEqual([]);
  });

  test('pins every package by its checksum and not by its address', () => {
    const unpinned = dependencies.filter(([, { integrity }]) => integrity === undefined);
    const addressed = dependencies.filter(([, { resolved }]) => resolved !== undefined);
    expect([...unpinned, ...addressed].map(([place]) => place)).toEqual([]);
  });
});

test('npm runs no scripts of packages during their installation', async () => {
  expect(await readFile(join(projectRoot, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
});
