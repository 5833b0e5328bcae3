import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { appIds, eventRetentionMs, eventSegmentMs, topics } from '@unity-purchase/contracts';
import {
  componentsOf,
  createCleanup,
  differencesIn,
  provisionBroker,
  queueOf,
  waitUntil,
} from '@unity-purchase/tools';
import { withChannel, withRedis } from '@unity-purchase/tools/test-clients';
import kafkajs, { Kafka, logLevel, type Admin } from 'kafkajs';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

/** Long enough to download the broker first. */
const startTimeoutMs = 240_000;

/** Starts a broker, provisioned as for every system. `provision` provisions it again with changed metadata of its components. */
function startBroker(broker: string) {
  const cleanup = createCleanup();
  let system: TestSystem;
  beforeAll(async () => {
    system = cleanup.add(await startTestSystem({ broker, store: 'sqlite', apps: [] }));
  }, startTimeoutMs);
  afterAll(cleanup.run, 60_000);
  return {
    addressOf: (server: string) => system.addressOf(server),
    provision: async (changed: Readonly<Record<string, string>> = {}) => {
      const components = await componentsOf('broker', broker, join(system.dataDir, 'resources'));
      await provisionBroker(
        components.map((component) => ({
          ...component,
          metadata: new Map([...component.metadata, ...Object.entries(changed)]),
        })),
      );
    },
  };
}

describe('JetStream', () => {
  const { addressOf, provision } = startBroker('jetstream');

  async function asManager<T>(use: (streams: JetStreamManager['streams']) => Promise<T>): Promise<T> {
    const connection = await connect({ servers: `nats://${addressOf('nats')}` });
    try {
      return await use((await jetstreamManager(connection)).streams);
    } finally {
      await connection.close();
    }
  }

  const settings = () =>
    asManager(async (streams) => {
      const {
        max_age,
        discard,
        max_msgs_per_subject,
        no_ack = false,
      } = (await streams.info(topics.purchaseEvents)).config;
      return { max_age, discard, max_msgs_per_subject, no_ack };
    });
  const required = {
    max_age: eventRetentionMs * 1e6,
    discard: 'new',
    max_msgs_per_subject: -1,
    no_ack: false,
  };

  test('has streams that keep events for the retention and never delete old ones for new ones', async () => {
    expect(await settings()).toEqual(required);
  });

  test.each([
    ['max_age', 1e9],
    ['discard', 'old'],
    ['max_msgs_per_subject', 3],
    ['no_ack', true],
  ])('gets back a changed %s', async (key, value) => {
    await asManager((streams) =>
      streams.update(topics.purchaseEvents, { [key]: value, duplicate_window: 1e9 }),
    );
    await provision();
    expect(await settings()).toEqual(required);
  });

  test.each([
    ['storage', 'memory', 'storage memory instead of file'],
    ['retention', 'workqueue', 'retention workqueue instead of limits'],
    ['subjects', ['others'], `subjects ["others"] instead of ["${topics.deadLetters}"]`],
  ])('is refused by name with another %s of a stream', async (key, value, difference) => {
    await asManager(async (streams) => {
      const name = topics.deadLetters;
      await streams.delete(name);
      await streams.add({ name, subjects: [name], [key]: value });
    });
    await expect(provision()).rejects.toThrow(
      `the stream ${topics.deadLetters} has ${difference}, which cannot be changed`,
    );
  });
});

describe('Kafka', () => {
  const { addressOf, provision } = startBroker('kafka');
  const { ConfigResourceTypes } = kafkajs;
  const resource = { type: ConfigResourceTypes.TOPIC, name: topics.purchaseEvents };

  async function asAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Kafka({ brokers: [addressOf('kafka')], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      return await use(admin);
    } finally {
      await admin.disconnect();
    }
  }

  const settings = async (...names: string[]) => {
    const { resources } = await asAdmin((admin) =>
      admin.describeConfigs({ resources: [{ ...resource, configNames: names }], includeSynonyms: false }),
    );
    const entries = resources.flatMap(({ configEntries }) => configEntries);
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
  };

  /** Kafka acknowledges a change a moment before it answers with it. */
  const waitForSettings = (expected: Readonly<Record<string, string>>) =>
    waitUntil(async () => {
      const found = await settings(...Object.keys(expected));
      const differences = differencesIn(found, expected);
      return differences.length === 0 || differences.join(', ');
    }, 10_000);

  const change = async (changed: Readonly<Record<string, string>>) => {
    const configEntries = Object.entries(changed).map(([name, value]) => ({ name, value }));
    await asAdmin((admin) =>
      admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] }),
    );
    await waitForSettings(changed);
  };

  test('gets back changed settings of a topic and keeps the others', async () => {
    const damage = {
      'retention.ms': '1000',
      'retention.bytes': '1000',
      'segment.ms': String(10 * eventSegmentMs),
      'cleanup.policy': 'compact',
      'max.message.bytes': '1000',
      'flush.messages': '5',
    };
    await change(damage);
    await provision();
    await waitForSettings({
      'retention.ms': String(eventRetentionMs),
      'retention.bytes': '-1',
      'segment.ms': String(eventSegmentMs),
      'cleanup.policy': 'delete',
      'max.message.bytes': '1048588',
      'flush.messages': '5',
    });
  });

  test('keeps limits of a topic that are stricter than required', async () => {
    const stricter = { 'segment.ms': '60000', 'max.message.bytes': '9000000' };
    const before = await settings('retention.ms', 'cleanup.policy');
    await change({ ...before, ...stricter });
    await provision();
    await waitForSettings(stricter);
  });
});

describe('RabbitMQ', () => {
  const { addressOf, provision } = startBroker('rabbitmq');
  const queue = queueOf(topics.deadLetters);

  test.each([
    ['x-message-ttl', { 'x-message-ttl': 1000 }, "x-message-ttl '1000' instead of none"],
    ['x-max-length', { 'x-max-length': 10 }, "x-max-length '10' instead of none"],
  ])('is refused by name when a queue has %s', async (_name, limit, difference) => {
    await withChannel(addressOf('rabbitmq'), async (channel) => {
      await channel.deleteQueue(queue);
      await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'classic', ...limit } });
    });
    await expect(provision()).rejects.toThrow(
      `the queue ${queue} has ${difference}, which cannot be changed`,
    );
    await withChannel(addressOf('rabbitmq'), (channel) => channel.deleteQueue(queue));
    await provision();
  });

  test('is refused by name when an exchange has another type', async () => {
    await withChannel(addressOf('rabbitmq'), async (channel) => {
      await channel.deleteExchange(topics.deadLetters);
      await channel.assertExchange(topics.deadLetters, 'direct', { durable: true });
    });
    await expect(provision()).rejects.toThrow(
      `the exchange ${topics.deadLetters} has type 'direct' instead of 'fanout', which cannot be changed`,
    );
    await withChannel(addressOf('rabbitmq'), (channel) => channel.deleteExchange(topics.deadLetters));
    await provision();
  });

  test('is refused by name when the queue does not survive a restart', async () => {
    await withChannel(addressOf('rabbitmq'), async (channel) => {
      await channel.deleteQueue(queue);
      await channel.assertQueue(queue, { durable: false, arguments: { 'x-queue-type': 'classic' } });
    });
    await expect(provision()).rejects.toThrow(
      `the queue ${queue} has durable 'false' instead of 'true', which cannot be changed`,
    );
    await withChannel(addressOf('rabbitmq'), (channel) => channel.deleteQueue(queue));
    await provision();
  });

  test.each(['ttlInSeconds', 'maxLen', 'maxLenBytes'])(
    'is refused when the component deletes unrecorded events with %s',
    async (setting) => {
      await expect(provision({ [setting]: '60' })).rejects.toThrow(
        `the component dead-letters sets ${setting}`,
      );
    },
  );
});

describe('Redis', () => {
  const { addressOf, provision } = startBroker('redis');

  test('loses the events beyond the retention, and no others', async () => {
    const nowMs = Date.now();
    const ids = [nowMs - eventRetentionMs - 1_000, nowMs - eventRetentionMs + 60_000, nowMs].map(
      (ms) => `${ms}-0`,
    );
    const kept = await withRedis(addressOf('redis'), async (client) => {
      for (const id of ids) await client.xAdd(topics.purchaseEvents, id, { data: 'an event' });
      await client.xGroupCreate(topics.purchaseEvents, appIds.purchaseService, '0');
      await provision();
      return client.xRange(topics.purchaseEvents, '-', '+');
    });
    expect(kept?.map((entry) => entry.id)).toEqual(ids.slice(1));
  });

  test.each([
    ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
    ['appendonly', 'no', 'yes'],
  ])('is refused when its %s lets it lose events', async (setting, value, required) => {
    await withRedis(addressOf('redis'), (client) => client.configSet(setting, value));
    try {
      await expect(provision()).rejects.toThrow(`has ${setting} ${value} instead of ${required}`);
    } finally {
      await withRedis(addressOf('redis'), (client) => client.configSet(setting, required));
    }
  });

  test('is refused by name when a topic is no stream', async () => {
    await withRedis(addressOf('redis'), async (client) => {
      await client.set(topics.deadLetters, 'text');
    });
    await expect(provision()).rejects.toThrow(
      `the key ${topics.deadLetters} has type string instead of stream, which cannot be changed`,
    );
    await withRedis(addressOf('redis'), (client) => client.del(topics.deadLetters));
  });

  test.each([
    [{ streamTTL: '1h' }, 'streamTTL 1h instead of 312h'],
    [{ maxLenApprox: '10' }, 'maxLenApprox 10 instead of unset'],
  ])('is refused when the component deletes events at another time: %o', async (changed, difference) => {
    await expect(provision(changed)).rejects.toThrow(`the component dead-letters has ${difference}`);
  });
});
