import { describe, expect, test } from '@jest/globals';
import { components } from '@unity-purchase/contracts';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../project-root.js';
import { choicesOf } from './runner/choose-resources.js';
import { componentsOf } from './runner/local-resources.js';

const brokers = await choicesOf('broker', projectRoot);
const stores = await choicesOf('store', projectRoot);
const folders = [
  ...brokers.map((name) => ['broker', name, `components/brokers/${name}`] as const),
  ...stores.map((name) => ['store', name, `components/stores/${name}`] as const),
];

describe.each(folders)('the folder of the %s %s', (kind, name, folder) => {
  test('has the components of its role under their names, so that it can be exchanged', async () => {
    const names = (await componentsOf(kind, name, projectRoot)).map((component) => component.name).sort();
    expect(names).toEqual(
      kind === 'broker' ? [components.deadLetters, components.pubsub] : [components.stateStore],
    );
  });

  test('has a kustomization with every file, so that a cluster uses the same ones', async () => {
    const files = (await readdir(join(projectRoot, folder))).filter((file) => file !== 'kustomization.yaml');
    const text = await readFile(join(projectRoot, folder, 'kustomization.yaml'), 'utf8');
    expect((parse(text) as { resources: string[] }).resources.sort()).toEqual(files.sort());
  });
});
