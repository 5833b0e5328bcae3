import { describe, expect, test } from '@jest/globals';
import { kafkaServerProperties } from '../brokers/kafka/server.js';
import { mosquittoConfig } from '../brokers/mqtt/server.js';
import { natsServerConfig } from '../brokers/jetstream/server.js';
import { rabbitmqConfig } from '../brokers/rabbitmq/server.js';

describe('a server that is started here', () => {
  test.each([
    [
      'Kafka',
      kafkaServerProperties(19_092, 19_093, '/data'),
      /listeners=PLAINTEXT:\/\/127\.0\.0\.1:19092,CONTROLLER:\/\/127\.0\.0\.1:19093\n/,
    ],
    ['Mosquitto', mosquittoConfig(11_883, '/data'), /^listener 11883 127\.0\.0\.1\n/],
    ['NATS', natsServerConfig(14_222, '/data'), /^listen: 127\.0\.0\.1:14222\n/],
    ['RabbitMQ', rabbitmqConfig(15_672), /^listeners\.tcp\.1 = 127\.0\.0\.1:15672\n/],
  ])('as %s listens on the loopback interface', (_what, config, line) => {
    expect(config).toMatch(line);
    expect(config).not.toContain('0.0.0.0');
  });

  test('as Kafka makes no topic that nobody provisioned', () => {
    expect(kafkaServerProperties(1, 2, '/data')).toContain('auto.create.topics.enable=false\n');
  });

  test('as Mosquitto saves every change and drops nothing from a queue', () => {
    const config = mosquittoConfig(1, '/data');
    expect(config).toContain('autosave_on_changes true\n');
    expect(config).toContain('max_queued_messages 0\n');
    // Without the slash it is taken for the beginning of a file's name.
    expect(config).toContain('persistence_location /data/\n');
  });

  test('as NATS syncs what it acknowledges, in any folder', () => {
    const config = natsServerConfig(1, '/data/with "quotes"');
    expect(config).toContain('sync_interval: always\n');
    expect(config).toContain('store_dir: "/data/with \\"quotes\\""\n');
  });
});
