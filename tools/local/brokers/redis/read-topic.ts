import type { Component } from '../../runner/resource-documents.js';
import type { TakeEvents } from '../../servers/component-definition.js';
import { accessOf, withRedis } from './connection.js';

const batchMax = 200;

/** Reads a stream by its ids, outside of consumer groups. */
export async function readRedisStream(
  address: string,
  component: Component,
  stream: string,
  take: TakeEvents,
): Promise<void> {
  await withRedis(
    address,
    async (client) => {
      const [newest] = (await client.xRevRange(stream, '+', '-', { COUNT: 1 })) as Entry[];
      if (newest === undefined) return;
      for (let from = '-'; ;) {
        const entries = (await client.xRange(stream, from, newest.id, { COUNT: batchMax })) as Entry[];
        if (entries.length > 0) await take(entries.map(({ message }) => message['data'] ?? ''));
        const last = entries.at(-1);
        if (last === undefined || entries.length < batchMax) return;
        from = `(${last.id}`;
      }
    },
    accessOf(component),
  );
}

type Entry = { id: string; message: Record<string, string> };
