import { jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import { inBatches } from '../../servers/topic-batches.js';
import type { TakeEvents } from '../../servers/component-definition.js';
import { connectTo } from './connect-to.js';

const batchMax = 200;

/** The broker sends messages, or says that it is there. Beyond this, it counts as away. */
const silenceMaxMs = 30_000;

/** Reads a stream with an ordered consumer of its own, which acknowledges nothing and ends with its connection. */
export async function readStream(natsUrl: string, stream: string, take: TakeEvents): Promise<void> {
  const connection = await connectTo(natsUrl);
  try {
    const manager = await jetstreamManager(connection);
    const { messages, last_seq } = (await manager.streams.info(stream)).state;
    if (messages === 0) return;
    const consumer = await jetstream(connection).consumers.get(stream);
    const received = await consumer.consume({ max_messages: batchMax, expires: silenceMaxMs });
    await inBatches(upTo(received, last_seq), batchMax, take);
  } finally {
    await connection.close();
  }
}

/** The texts of messages up to the one that was the last when reading began. */
async function* upTo(messages: AsyncIterable<JsMsg>, last: number): AsyncGenerator<string> {
  for await (const message of messages) {
    if (message.seq <= last) yield message.string();
    if (message.seq >= last || message.info.pending === 0) return;
  }
}
