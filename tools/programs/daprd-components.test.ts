import { describe, expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../project-root.js';
import { componentOf, readResourceFile } from '../local/runner/resource-documents.js';
import { keptRegistrations } from './daprd-components.js';

const folder = join(projectRoot, 'components');
const kept = Object.values(keptRegistrations).flat();

async function documents() {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.yaml'));
  const files = await Promise.all(names.map((name) => readResourceFile(join(folder, name))));
  return files.flatMap((file) => file.documents);
}

describe('the components of a daprd that is built here', () => {
  test('include the type of every component file', async () => {
    const types = (await documents()).flatMap((document) => componentOf(document)?.type ?? []);
    expect(types.length).toBeGreaterThanOrEqual(5);
    for (const type of types) expect(kept).toContain(type);
  });

  test('include the name resolution of every configuration', async () => {
    const path = ['spec', 'nameResolution', 'component'];
    const names = (await documents()).flatMap((document) => document.getIn(path) ?? []);
    expect(names).not.toEqual([]);
    for (const name of names) expect(kept).toContain(`nameresolution.${name as string}`);
  });
});
