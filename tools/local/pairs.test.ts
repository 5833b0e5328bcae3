import { expect, test } from '@jest/globals';
import { projectRoot } from '../project-root.js';
import { brokers } from './brokers.js';
import { embeddedPair, mainPair, matrixPairs } from './pairs.js';
import { stores } from './stores.js';

test('the matrix has the main pair, every broker with the embedded store and every store with the embedded broker, each once', async () => {
  const pairs = await matrixPairs(projectRoot);
  expect(pairs[0]).toBe(`${mainPair.broker}+${mainPair.store}`);
  for (const broker of Object.keys(brokers)) expect(pairs).toContain(`${broker}+${embeddedPair.store}`);
  for (const store of Object.keys(stores)) expect(pairs).toContain(`${embeddedPair.broker}+${store}`);
  expect(pairs).toHaveLength(Object.keys(brokers).length + Object.keys(stores).length);
  expect(new Set(pairs).size).toBe(pairs.length);
});
