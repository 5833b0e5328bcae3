import { appIds, topics } from '@unity-purchase/contracts';
import { wireBytes, type BrokerClient } from '../../../testing/broker-client.js';
import { withRedis } from './connection.js';

/** Connects to Redis Streams at `host:port`. */
export function redisBrokerClient(address: string): BrokerClient {
  return {
    publish: (topic, message) =>
      withRedis(address, async (client) => {
        await client.xAdd(topic, '*', { data: wireBytes(message) });
      }),
    messages: (topic) =>
      withRedis(address, async (client) => {
        const entries = (await client.xRange(topic, '-', '+')) as { message: Record<string, string> }[];
        return entries.map(({ message }) => message['data'] ?? '');
      }),
    refuse: async () => {
      const limitMemory = (bytes: string) =>
        withRedis(address, async (client) => {
          await client.configSet('maxmemory', bytes);
        });
      await limitMemory('1');
      return () => limitMemory('0');
    },
    backlog: () =>
      withRedis(address, async (client) => {
        const groups = await client.xInfoGroups(topics.purchaseEvents);
        const group = groups.find(({ name }) => name === appIds.purchaseService);
        return group === undefined ? undefined : group.lag + group.pending;
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
