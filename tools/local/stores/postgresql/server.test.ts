import { describe, expect, test } from '@jest/globals';
import { startFakeServer } from '../../../testing/fake-server.js';
import { addressOf, metadataForPort } from '../../servers/component-address.js';
import { postgresql } from './definition.js';

describe('the PostgreSQL that runs on this machine', () => {
  test('counts as ready when it asks for authentication', async () => {
    await using server = await startFakeServer(Buffer.from('R\0\0\0\x08\0\0\0\0'));
    expect(await postgresql.server.answers(server.port)).toBe(true);
  });

  test('does not count as ready while it starts', async () => {
    await using server = await startFakeServer(Buffer.from('E\0\0\0\x0aSFATAL\0'));
    expect(await postgresql.server.answers(server.port)).not.toBe(true);
  });
});

describe('the address of PostgreSQL', () => {
  const component = (connectionString: string) => ({
    name: 'statestore',
    type: postgresql.type,
    metadata: new Map([['connectionString', connectionString]]),
  });

  test('has the default port if it names none', () => {
    expect(addressOf(component('postgres://me@db/postgres'))?.hosts).toEqual([{ host: 'db', port: 5432 }]);
  });

  test('keeps its user and its database when it is moved to another port', () => {
    expect(metadataForPort(component('postgres://me@db:5432/shop'), 7)).toEqual({
      connectionString: 'postgres://me@127.0.0.1:7/shop',
    });
  });
});
