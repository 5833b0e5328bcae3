import { describe, expect, test } from '@jest/globals';
import { serve } from '../../test/release-host.js';
import { requireExternalServices } from './external-services.js';
import { findFreePorts } from './free-ports.js';

const component = (type: string, key: string, value: string) => ({
  name: type,
  type,
  metadata: new Map([[key, value]]),
});

describe('requiring what the runner does not start', () => {
  test('everything that does not answer is named once, with its address', async () => {
    const [kafka = 0, mongodb = 0] = await findFreePorts(2);
    const components = [
      component('pubsub.kafka', 'brokers', `127.0.0.1:${kafka}`),
      component('pubsub.kafka', 'brokers', `127.0.0.1:${kafka}`),
      component('state.mongodb', 'host', `127.0.0.1:${mongodb}`),
    ];
    const message = await requireExternalServices(components).then(String, String);
    expect(message.split(`- Kafka at 127.0.0.1:${kafka}`)).toHaveLength(2);
    expect(message).toContain(`- MongoDB at 127.0.0.1:${mongodb}`);
  });

  test('a cluster of which one member answers is enough', async () => {
    await using host = await serve({});
    const [closed = 0] = await findFreePorts(1);
    const brokers = `127.0.0.1:${closed}, ${new URL(host.url).host}`;
    await expect(
      requireExternalServices([component('pubsub.kafka', 'brokers', brokers)]),
    ).resolves.toBeUndefined();
  });

  test('components that need nothing running are not asked about', async () => {
    await expect(
      requireExternalServices([component('state.sqlite', 'host', '127.0.0.1:1')]),
    ).resolves.toBeUndefined();
  });
});
