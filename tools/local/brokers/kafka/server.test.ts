import { describe, expect, test } from '@jest/globals';
import { versions } from '../../../programs/versions.js';
import { readComposeFile } from '../../../testing/compose-file.js';
import { startFakeServer } from '../../../testing/fake-server.js';
import { addressOf, withEnvironment } from '../../servers/component-address.js';
import { kafka } from './definition.js';
import { kafkaServerProperties } from './server.js';

describe('the Kafka that runs on this machine', () => {
  test('listens on the loopback interface only', () => {
    const properties = kafkaServerProperties(19_092, 19_093, '/data');
    expect(properties).toMatch(
      /listeners=PLAINTEXT:\/\/127\.0\.0\.1:19092,CONTROLLER:\/\/127\.0\.0\.1:19093\n/,
    );
    expect(properties).not.toContain('0.0.0.0');
  });

  test('does not create a topic when a client first uses it', () => {
    expect(kafkaServerProperties(1, 2, '/data')).toContain('auto.create.topics.enable=false\n');
  });

  test('does not count as ready while it knows no broker', async () => {
    await using server = await startFakeServer(Buffer.from('\0\0\0\x0c\0\0\0\x01\0\0\0\0\0\0\0\0'));
    expect(await kafka.server.answers(server.port)).not.toBe(true);
  });

  test('has the version and the settings of the one in compose.yaml, except for its addresses and its data folder', async () => {
    const { services } = await readComposeFile();
    expect(services['kafka']?.image).toBe(`apache/kafka:${versions.kafka}`);
    const asEnvironment = kafkaServerProperties(9092, 9093, '')
      .trim()
      .split('\n')
      .map((line): [string, string] => {
        const [key = '', ...value] = line.split('=');
        return [`KAFKA_${key.toUpperCase().replaceAll('.', '_')}`, value.join('=')];
      });
    const differs = /^KAFKA_(LISTENERS|ADVERTISED_LISTENERS|CONTROLLER_QUORUM_VOTERS|LOG_DIRS)$/;
    const expected = asEnvironment.filter(([name]) => !differs.test(name));
    expect(expected.length).toBeGreaterThan(10);
    expect(services['kafka']?.environment).toMatchObject(Object.fromEntries(expected));
  });
});

describe('the address of Kafka', () => {
  const component = (brokers: string) => ({
    name: 'pubsub',
    type: kafka.type,
    metadata: new Map(Object.entries({ brokers, version: '3.9.0' })),
  });

  test('names every broker of a cluster', () => {
    expect(addressOf(component('a:9092, b:9093'))?.hosts).toEqual([
      { host: 'a', port: 9092 },
      { host: 'b', port: 9093 },
    ]);
  });

  test('is replaced by KAFKA_BROKERS, and the other settings stay', () => {
    const { metadata } = withEnvironment(component('localhost:9092'), { KAFKA_BROKERS: 'far:9092' });
    expect(Object.fromEntries(metadata)).toEqual({ brokers: 'far:9092', version: '3.9.0' });
  });

  test('stays when KAFKA_BROKERS is empty', () => {
    const { metadata } = withEnvironment(component('localhost:9092'), { KAFKA_BROKERS: '' });
    expect(metadata.get('brokers')).toBe('localhost:9092');
  });
});
