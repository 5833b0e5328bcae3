import { describe, expect, test } from '@jest/globals';
import { addressOf } from '../../servers/component-address.js';
import { mongodb } from './definition.js';

const hostsOf = (metadata: Record<string, string>) =>
  addressOf({ name: 'statestore', type: mongodb.type, metadata: new Map(Object.entries(metadata)) })?.hosts;

describe('the address of MongoDB', () => {
  test('is the host if there is no connection string', () => {
    expect(hostsOf({ host: 'db:27018' })).toEqual([{ host: 'db', port: 27018 }]);
  });

  test('is every member in the connection string, which wins over the host', () => {
    const connectionString = 'mongodb://me:secret@one:1,two:2/?replicaSet=rs';
    expect(hostsOf({ host: 'db:27018', connectionString })).toEqual([
      { host: 'one', port: 1 },
      { host: 'two', port: 2 },
    ]);
  });

  test('has no hosts if only a name server knows them', () => {
    expect(hostsOf({ connectionString: 'mongodb+srv://me:secret@cluster.example/?w=majority' })).toEqual([]);
  });

  test('does not take a part of a password for a host', () => {
    expect(hostsOf({ connectionString: 'mongodb://me:a,b:c@one:1/db' })).toEqual([{ host: 'one', port: 1 }]);
  });
});
