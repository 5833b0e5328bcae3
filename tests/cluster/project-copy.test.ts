import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { manifests } from '../kubernetes/rendering/render.js';
import { withChoice, withResource } from './project-copy.js';

const overlay = await readFile(join(manifests, 'overlays', 'ci', 'kustomization.yaml'), 'utf8');

test('withChoice changes two lines of the overlay ci, and nothing else', () => {
  const changed = withChoice(overlay, { broker: 'jetstream', store: 'redis' });
  const before = overlay.split('\n');
  const different = changed.split('\n').filter((line, index) => line !== before[index]);
  expect(different).toEqual(['  - ../../components/broker-jetstream', '  - ../../components/store-redis']);
});

test('withChoice refuses an overlay that chooses no store, or two', () => {
  const choice = { broker: 'jetstream', store: 'redis' };
  expect(() => withChoice('- components/broker-kafka\n', choice)).toThrow('0 lines for the store');
  const twice = '- components/broker-kafka\n- components/store-mongodb\n- components/store-redis\n';
  expect(() => withChoice(twice, choice)).toThrow('2 lines for the store');
});

test('withResource adds one line to the overlay ci, and refuses a text without resources', () => {
  const added = withResource(overlay, 'gateway.yaml').split('\n');
  const before = new Set(overlay.split('\n'));
  expect(added.filter((line) => !before.has(line))).toEqual(['  - gateway.yaml']);
  expect(() => withResource('components: []\n', 'gateway.yaml')).toThrow('no resources');
});
