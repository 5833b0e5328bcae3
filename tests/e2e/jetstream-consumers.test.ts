import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { createCleanup, provisionBroker, type Component } from '@unity-purchase/tools';
import { startTestSystem } from '../system/test-system.js';

const cleanup = createCleanup();
let natsURL = '';

beforeAll(async () => {
  const system = cleanup.add(await startTestSystem({ broker: 'jetstream', store: 'sqlite', apps: [] }));
  natsURL = `nats://${system.addressOf('nats')}`;
}, 60_000);

afterAll(cleanup.run, 60_000);

function component(settings: Readonly<Record<string, string>>): Component {
  const metadata = {
    natsURL,
    streamName: 'purchase-events',
    durableName: 'purchase-service',
    queueGroupName: 'purchase-service',
    deliverPolicy: 'all',
    ackPolicy: 'explicit',
    ...settings,
  };
  return { name: 'pubsub', type: 'pubsub.jetstream', metadata: new Map(Object.entries(metadata)) };
}

/** Creates the consumer as a sidecar does, and removes it afterwards. */
async function withConsumer<T>(use: (settings: () => Promise<object>) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: natsURL });
  try {
    const { consumers } = await jetstreamManager(connection);
    await consumers.add('purchase-events', {
      durable_name: 'purchase-service',
      deliver_group: 'purchase-service',
      deliver_subject: 'inbox',
      filter_subject: 'purchase-events',
      deliver_policy: 'all',
      ack_policy: 'explicit',
      ack_wait: 15e9,
      max_deliver: -1,
      max_ack_pending: 32,
    });
    const result = await use(
      async () => (await consumers.info('purchase-events', 'purchase-service')).config,
    );
    await consumers.delete('purchase-events', 'purchase-service');
    return result;
  } finally {
    await connection.close();
  }
}

test('a consumer gets the changed settings of its component, and keeps the others', async () => {
  await withConsumer(async (settings) => {
    const before = await settings();
    await provisionBroker([component({ ackWait: '90s', maxAckPending: '8', maxDeliver: '-1' })]);
    expect(await settings()).toEqual({ ...before, ack_wait: 90e9, max_ack_pending: 8 });
  });
});

test('a consumer gets the pauses between its deliveries, and loses those that its component no longer has', async () => {
  await withConsumer(async (settings) => {
    const before = await settings();
    await provisionBroker([component({ ackWait: '15s', backOff: '15s,30s,2m' })]);
    expect(await settings()).toEqual({ ...before, backoff: [15e9, 30e9, 120e9] });
    await provisionBroker([component({ ackWait: '15s' })]);
    expect(await settings()).toEqual(before);
  });
});

test.each([
  ['deliverPolicy', 'new', 'deliver_policy all instead of new'],
  ['ackPolicy', 'none', 'ack_policy explicit instead of none'],
  ['queueGroupName', 'others', 'deliver_group purchase-service instead of others'],
])('a consumer with another %s is refused by name and left unchanged', async (key, value, difference) => {
  await withConsumer(async (settings) => {
    const before = await settings();
    await expect(provisionBroker([component({ [key]: value, ackWait: '90s' })])).rejects.toThrow(
      `the consumer purchase-service of the stream purchase-events has ${difference}`,
    );
    expect(await settings()).toEqual(before);
  });
});

test('a consumer that does not exist yet is left to the sidecar', async () => {
  await expect(provisionBroker([component({ ackWait: '90s' })])).resolves.toBeUndefined();
});
