import { jetstream } from './brokers/jetstream/definition.js';
import { kafka } from './brokers/kafka/definition.js';
import { mqtt } from './brokers/mqtt/definition.js';
import { rabbitmq } from './brokers/rabbitmq/definition.js';
import { redis } from './brokers/redis/definition.js';
import type { ServerComponent } from './servers/component-definition.js';

/** Every broker by the name of its folder, here and in `components/brokers`. */
export const brokers = { jetstream, kafka, mqtt, rabbitmq, redis } satisfies Record<string, ServerComponent>;

/** The name of a broker's folder. */
export type BrokerName = keyof typeof brokers;

/** Returns the definition of a broker. Throws for an unknown name, listing the known ones. */
export function brokerNamed(name: string): ServerComponent {
  const found = Object.entries(brokers).find(([known]) => known === name)?.[1];
  if (found !== undefined) return found;
  throw new Error(`There is no broker "${name}". Choose one of: ${Object.keys(brokers).join(', ')}.`);
}
