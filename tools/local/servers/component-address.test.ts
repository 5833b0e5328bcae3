import { describe, expect, test } from '@jest/globals';
import type { ServerComponent } from './component-definition.js';
import { addressOf, metadataForPort } from './component-address.js';
import { componentDefinitions } from './servers.js';

const serverComponents = componentDefinitions.filter(
  (definition): definition is ServerComponent => definition.server !== undefined,
);
const embedded = componentDefinitions.filter(({ server }) => server === undefined);

describe.each(serverComponents)('a component of type $type', ({ type, server, address: { key, form } }) => {
  const component = (host: string) => ({
    name: 'any',
    type,
    metadata: new Map([[key, form === 'url' ? `scheme://user:password@${host}/path` : host]]),
  });

  test('names its server and the port in its metadata', () => {
    const address = addressOf(component('far:7'));
    expect(address?.server).toBe(server);
    expect(address?.hosts).toEqual([{ host: 'far', port: 7 }]);
  });

  test('can be moved to a port of this machine', () => {
    const moved = new Map(Object.entries(metadataForPort(component('far:7'), 8)));
    expect(addressOf({ name: 'any', type, metadata: moved })?.hosts).toEqual([
      { host: '127.0.0.1', port: 8 },
    ]);
  });
});

test.each(embedded)('a component of type $type has no address', ({ type }) => {
  const metadata = new Map([['connectionString', '.data/statestore.db']]);
  expect(addressOf({ name: 'any', type, metadata })).toBeUndefined();
});
