import { expect, test } from '@jest/globals';
import { componentsOf } from '../runner/local-resources.js';
import type { RunningServer } from '../runner/running-server.js';
import type { SupervisedProcess } from '../runner/supervised-process.js';
import { projectRoot } from '../../project-root.js';
import { pausablePartsOf } from './pausable-parts.js';

const server = (name: string): RunningServer => ({
  name,
  title: `the server ${name}`,
  port: 1,
  processNames: [],
  kill: () => Promise.resolve(),
  start: () => Promise.resolve(),
  pause: () => Promise.resolve([]),
});

test.each([
  ['jetstream', 'sqlite', ['nats'], ['broker', 'purchase-service']],
  ['jetstream', 'postgresql', ['nats', 'postgresql'], ['broker', 'store', 'purchase-service']],
  ['kafka', 'mongodb', ['kafka', 'mongodb'], ['broker', 'store', 'purchase-service']],
  // One server that is both cannot be paused as one of them.
  ['redis', 'redis', ['redis'], ['purchase-service']],
  // A server that ran before belongs to someone else.
  ['jetstream', 'redis', ['nats'], ['broker', 'purchase-service']],
])(
  'with %s and %s, and %j started by the runner, %j can be paused',
  async (broker, store, started, parts) => {
    const components = [
      ...(await componentsOf('broker', broker, projectRoot)),
      ...(await componentsOf('store', store, projectRoot)),
    ];
    const pausable = pausablePartsOf({
      components,
      servers: started.map(server),
      process: () => ({ pid: undefined }) as SupervisedProcess,
      purchaseServices: () => [],
    });
    expect(pausable.map(({ part }) => part)).toEqual(parts);
  },
);
