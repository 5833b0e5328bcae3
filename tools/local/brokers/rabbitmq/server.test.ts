import { describe, expect, test } from '@jest/globals';
import { startFakeServer } from '../../../testing/fake-server.js';
import { addressOf, metadataForPort } from '../../servers/component-address.js';
import { rabbitmq } from './definition.js';
import { rabbitmqConfig } from './server.js';

describe('the RabbitMQ that runs on this machine', () => {
  test('listens on the loopback interface only', () => {
    const config = rabbitmqConfig(15_672);
    expect(config).toMatch(/^listeners\.tcp\.1 = 127\.0\.0\.1:15672\n/);
    expect(config).not.toContain('0.0.0.0');
  });

  test('counts as ready when it answers a protocol header with connection.start', async () => {
    await using server = await startFakeServer(Buffer.from([1, 0, 0, 0, 0, 1, 0, 0, 10, 0, 10, 0]));
    expect(await rabbitmq.server.answers(server.port)).toBe(true);
  });
});

describe('the address of RabbitMQ', () => {
  const component = (connectionString: string) => ({
    name: 'pubsub',
    type: rabbitmq.type,
    metadata: new Map([['connectionString', connectionString]]),
  });

  test('has the host behind the user', () => {
    expect(addressOf(component('amqp://guest:guest@mq:5673'))?.hosts).toEqual([{ host: 'mq', port: 5673 }]);
  });

  test('keeps its user when it is moved to another port', () => {
    expect(metadataForPort(component('amqp://guest:guest@mq:5672'), 7)).toEqual({
      connectionString: 'amqp://guest:guest@127.0.0.1:7',
    });
  });
});
