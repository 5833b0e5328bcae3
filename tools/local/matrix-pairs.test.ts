import { expect, test } from '@jest/globals';
import { matrixPairs } from './matrix-pairs.js';
import { projectRoot } from '../project-root.js';

test('the matrix has the main pair, every broker with one store and every store with one broker, each once', async () => {
  expect(await matrixPairs(projectRoot)).toEqual([
    'kafka+mongodb',
    'jetstream+sqlite',
    'kafka+sqlite',
    'mqtt+sqlite',
    'rabbitmq+sqlite',
    'redis+sqlite',
    'jetstream+mongodb',
    'jetstream+postgresql',
    'jetstream+redis',
  ]);
});
