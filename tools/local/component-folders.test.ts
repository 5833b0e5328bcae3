import { describe, expect, test } from '@jest/globals';
import { components } from '@unity-purchase/contracts';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../project-root.js';
import { brokers } from './brokers.js';
import { choicesOf } from './runner/choose-resources.js';
import { componentsOf } from './runner/local-resources.js';
import { stores } from './stores.js';

const folders = [
  ...Object.entries(brokers).map(([name, { type }]) => ['broker', name, type] as const),
  ...Object.entries(stores).map(([name, { type }]) => ['store', name, type] as const),
];

test.each([
  ['broker', 'brokers', brokers],
  ['store', 'stores', stores],
] as const)(
  'every %s has a folder in components/%s, a folder here and an entry in the index',
  async (kind, folder, index) => {
    const names = Object.keys(index).sort();
    expect(await choicesOf(kind, projectRoot)).toEqual(names);
    expect((await readdir(join(import.meta.dirname, folder))).sort()).toEqual(names);
  },
);

describe.each(folders)('the components of the %s %s', (kind, name, type) => {
  const folder = join(projectRoot, 'components', `${kind}s`, name);

  test('have the names and the type that the services and the tools expect', async () => {
    const found = await componentsOf(kind, name, projectRoot);
    expect(found.map((component) => component.name).sort()).toEqual(
      kind === 'broker' ? [components.deadLetters, components.pubsub] : [components.stateStore],
    );
    expect(new Set(found.map((component) => component.type))).toEqual(new Set([type]));
  });

  test('are all in the kustomization, so that a cluster uses the same files', async () => {
    const files = (await readdir(folder)).filter((file) => file !== 'kustomization.yaml');
    const text = await readFile(join(folder, 'kustomization.yaml'), 'utf8');
    expect((parse(text) as { resources: string[] }).resources.sort()).toEqual(files.sort());
  });
});
