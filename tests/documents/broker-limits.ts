import { componentsOf, projectRoot } from '@unity-purchase/tools';
import { durationMs } from './time-budget.js';

const minuteMs = 60_000;

/** RabbitMQ closes the channel of an event that is not acknowledged for so long (consumer_timeout, its default). */
const rabbitmqConsumerTimeoutMs = 30 * minuteMs;

/** How many events JetStream gives to all sidecars together by default. */
const jetstreamAckPendingMax = 1_000;

/** How long one broker lets a sidecar handle an event, and what it does then. */
export type BrokerLimits = {
  component: string;
  /** How long events that a killed sidecar held wait until another one gets them. Unknown if it depends on the sidecar's restart. */
  recoveryMs?: number;
  /** Within this time the sidecar must be done with everything that it holds. Then the broker ends its subscription. */
  holdMaxMs?: number;
  /** How many events the sidecar holds at most, one after the other, if that is limited. */
  heldMax?: number;
  /** The sidecar itself ends the handling of an event after this time. */
  handlingMaxMs?: number;
  /** When the broker sends an event again that a living sidecar still handles: after each of these pauses, the last one repeatedly. */
  resendsAfterMs?: readonly number[];
};

/** Reads the limits of a broker from the files of its components. */
export async function readBrokerLimits(broker: string): Promise<BrokerLimits[]> {
  const components = await componentsOf('broker', broker, projectRoot);
  return components.map(({ name, type, metadata }) => {
    const text = (key: string): string => {
      const value = metadata.get(key);
      if (value === undefined) throw new Error(`the component ${name} of ${broker} has no ${key}`);
      return value;
    };
    const ms = (key: string): number => durationMs(text(key));
    switch (type) {
      case 'pubsub.jetstream':
        return {
          component: name,
          recoveryMs: ms('ackWait'),
          heldMax: Number(metadata.get('maxAckPending') ?? jetstreamAckPendingMax),
          resendsAfterMs: text('backOff').split(',').map(durationMs),
        };
      case 'pubsub.rabbitmq':
        return {
          component: name,
          holdMaxMs: rabbitmqConsumerTimeoutMs,
          heldMax: Number(text('prefetchCount')),
        };
      case 'pubsub.redis':
        return {
          component: name,
          recoveryMs: ms('processingTimeout') + ms('redeliverInterval'),
          handlingMaxMs: ms('processingTimeout'),
        };
      case 'pubsub.kafka':
        // The client sends heartbeats while an event is handled, however long that takes.
        return { component: name, recoveryMs: ms('sessionTimeout') };
      case 'pubsub.mqtt3':
        // Nothing is sent again before the sidecar reconnects.
        return { component: name };
      default:
        throw new Error(`the limits of ${type} are not known`);
    }
  });
}

/** How often a broker delivers an event while it is held for a time: the first time and then after each pause. */
export function deliveriesWithin(heldMs: number, resendsAfterMs: readonly number[]): number {
  let count = 1;
  for (let nextMs = resendsAfterMs[0] ?? Infinity; nextMs < heldMs; count += 1)
    nextMs += resendsAfterMs[Math.min(count, resendsAfterMs.length - 1)] ?? Infinity;
  return count;
}
