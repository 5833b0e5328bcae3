import {
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  type ConsumerConfig,
  type ConsumerUpdateConfig,
  type JetStreamManager,
} from '@nats-io/jetstream';
import type { Component } from '../../runner/resource-documents.js';
import { differencesIn, present, unchangeable } from '../../servers/setting-differences.js';
import { connectTo } from './connect-to.js';

/**
 * Makes the durable consumer of a component match the component's settings. The sidecar creates a consumer, but never changes
 * one: with other settings its subscription fails, and purchases are accepted and not recorded. Rejects for a difference that
 * cannot be changed, naming the consumer and the setting. A consumer that does not exist yet is left to the sidecar.
 */
export async function alignConsumer(natsUrl: string, { metadata }: Component): Promise<void> {
  const stream = metadata.get('streamName');
  const name = metadata.get('durableName');
  if (stream === undefined || name === undefined) return;
  const connection = await connectTo(natsUrl);
  try {
    const manager = await jetstreamManager(connection);
    const existing = await findConsumer(manager, stream, name);
    if (existing === undefined) return;
    const fixed = differencesIn(existing, fixedSettings(stream, metadata));
    if (fixed.length > 0)
      throw unchangeable(
        `the consumer ${name} of the stream ${stream}`,
        fixed,
        'Stop the services, wait until it has no pending messages, delete it and try again.',
      );
    const wanted = changeableSettings(metadata);
    if (differencesIn(existing, wanted).length > 0) await manager.consumers.update(stream, name, wanted);
  } finally {
    await connection.close();
  }
}

/** Settings that decide which events a consumer gets and who shares them. */
function fixedSettings(stream: string, metadata: Component['metadata']): Partial<ConsumerConfig> {
  return present({
    // Each topic has a stream of the same name.
    filter_subject: stream,
    deliver_group: metadata.get('queueGroupName'),
    deliver_policy: metadata.get('deliverPolicy') as ConsumerConfig['deliver_policy'] | undefined,
    ack_policy: metadata.get('ackPolicy') as ConsumerConfig['ack_policy'] | undefined,
  });
}

function changeableSettings(metadata: Component['metadata']): Partial<ConsumerUpdateConfig> {
  const number = (key: string): number | undefined => {
    const text = metadata.get(key);
    return text === undefined ? undefined : Number(text);
  };
  const ackWait = metadata.get('ackWait');
  const backOff = metadata.get('backOff');
  return present({
    ack_wait: ackWait === undefined ? undefined : nanosecondsOf(ackWait),
    // NATS leaves out an empty one.
    backoff: backOff === undefined ? [] : backOff.split(',').map(nanosecondsOf),
    max_deliver: number('maxDeliver'),
    max_ack_pending: number('maxAckPending'),
  });
}

const unitNanoseconds: Readonly<Record<string, number>> = { ms: 1e6, s: 1e9, m: 60e9, h: 3_600e9 };

/** A duration as Go writes it, with one unit: `15s`. @throws Error for any other text */
export function nanosecondsOf(duration: string): number {
  const [, number, unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(duration) ?? [];
  const factor = unitNanoseconds[unit];
  if (number === undefined || factor === undefined)
    throw new Error(`"${duration}" is not a duration such as 15s`);
  return Number(number) * factor;
}

async function findConsumer(
  manager: JetStreamManager,
  stream: string,
  name: string,
): Promise<ConsumerConfig | undefined> {
  try {
    const { config } = await manager.consumers.info(stream, name);
    return { ...config, backoff: config.backoff ?? [] };
  } catch (error) {
    const isMissing = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound;
    if (isMissing) return undefined;
    throw error;
  }
}
