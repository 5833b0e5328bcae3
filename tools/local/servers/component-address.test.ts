import { describe, expect, test } from '@jest/globals';
import { addressOf, metadataForPort, withEnvironment } from './component-address.js';

const component = (type: string, metadata: Record<string, string>) => ({
  name: 'any',
  type,
  metadata: new Map(Object.entries(metadata)),
});

describe('the address of a component', () => {
  test.each([
    ['pubsub.kafka', { brokers: 'a:9092, b:9093' }, 'kafka', ['a:9092', 'b:9093']],
    ['pubsub.rabbitmq', { connectionString: 'amqp://guest:guest@mq:5673' }, 'rabbitmq', ['mq:5673']],
    ['pubsub.mqtt3', { url: 'mqtt://localhost' }, 'mosquitto', ['localhost:1883']],
    ['state.postgresql', { connectionString: 'postgres://me@db/postgres' }, 'postgresql', ['db:5432']],
    ['state.mongodb', { host: 'db:27018' }, 'mongodb', ['db:27018']],
    [
      'state.mongodb',
      { host: 'db:27018', connectionString: 'mongodb://me:secret@one:1,two:2/?replicaSet=rs' },
      'mongodb',
      ['one:1', 'two:2'],
    ],
  ])('of %s with %j names the server and all its hosts', (type, metadata, server, hosts) => {
    const address = addressOf(component(type, metadata));
    expect(address?.server).toBe(server);
    expect(address?.hosts.map(({ host, port }) => `${host}:${port}`)).toEqual(hosts);
  });

  test('that only a name server can tell has no hosts, and a password is no part of one', () => {
    const hostsOf = (connectionString: string) =>
      addressOf(component('state.mongodb', { connectionString }))?.hosts;
    expect(hostsOf('mongodb+srv://me:secret@cluster.example/?w=majority')).toEqual([]);
    expect(hostsOf('mongodb://me:a,b:c@one:1/db')).toEqual([{ host: 'one', port: 1 }]);
  });

  test('without a server of its own there is none', () => {
    expect(addressOf(component('state.sqlite', { connectionString: '.data/statestore.db' }))).toBeUndefined();
  });

  test.each([
    ['state.postgresql', 'connectionString', 'postgres://me@db:5432/shop'],
    ['pubsub.rabbitmq', 'connectionString', 'amqp://guest:guest@db:5672'],
  ])('moved to a port, %s keeps the rest of its address', (type, key, before) => {
    const moved = metadataForPort(component(type, { [key]: before }), 7);
    expect(moved).toEqual({ [key]: before.replace(/db:\d+/, '127.0.0.1:7') });
  });
});

describe('servers that the environment names', () => {
  const kafka = component('pubsub.kafka', { brokers: 'localhost:9092', version: '3.9.0' });

  test('stand in place of what the file says, and the other settings stay', () => {
    const { metadata } = withEnvironment(kafka, { KAFKA_BROKERS: 'far:9092' });
    expect(Object.fromEntries(metadata)).toEqual({ brokers: 'far:9092', version: '3.9.0' });
  });

  test('in an empty variable are none', () => {
    expect(withEnvironment(kafka, { KAFKA_BROKERS: '' }).metadata.get('brokers')).toBe('localhost:9092');
  });
});
