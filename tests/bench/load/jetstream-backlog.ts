import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { ensureStreams } from '@unity-purchase/tools';
import { waitingEvents, type BacklogWriter } from './backlog.js';

/** NATS syncs each event of a batch to the disk before it acknowledges it. */
const batchWithinMs = 60_000;

/** Connects to a NATS at `host:port`. */
export async function connectJetstreamBacklog(address: string): Promise<BacklogWriter> {
  const connection = await connect({ servers: address, name: 'benchmark' });
  const client = jetstream(connection);
  return {
    createTopic: (topic) => ensureStreams(`nats://${address}`, [topic]),
    fill: async (topic, count) => {
      for (const events of waitingEvents(count))
        await Promise.all(events.map(({ text }) => client.publish(topic, text, { timeout: batchWithinMs })));
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}
