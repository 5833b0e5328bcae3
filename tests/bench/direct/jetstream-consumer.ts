import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import { connect, nanos } from '@nats-io/transport-node';
import type { Consume } from './run-recorder.js';

/** The limits of the component file: how many events are delivered and not acknowledged, and for how long. */
export const limits = { inFlightMax: 32, ackWaitMs: 15_000 } as const;

/** Consumes a stream of JetStream from its beginning with a durable consumer, one event at a time, like a sidecar. */
export const consumeJetstream: Consume = async ({ broker, topic, group }, record) => {
  const connection = await connect({ servers: broker, name: group });
  const { consumers } = await jetstreamManager(connection);
  await consumers.add(topic, {
    durable_name: group,
    filter_subject: topic,
    deliver_policy: DeliverPolicy.All,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(limits.ackWaitMs),
    max_ack_pending: limits.inFlightMax,
  });
  const consumer = await jetstream(connection).consumers.get(topic, group);
  const messages = await consumer.consume({ max_messages: limits.inFlightMax });
  // Not awaited: it ends with the consumer. An error in it ends the recorder.
  const consuming = recordEach(messages, record);
  return async () => {
    await messages.close();
    await consuming;
    await connection.drain();
  };
};

async function recordEach(
  messages: AsyncIterable<JsMsg>,
  record: (event: string) => Promise<void>,
): Promise<void> {
  for await (const message of messages) {
    await record(message.string());
    message.ack();
  }
}
