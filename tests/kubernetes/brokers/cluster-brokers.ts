import type { ClusterBroker } from './cluster-broker.js';
import { jetstream } from './jetstream.js';
import { kafka } from './kafka.js';
import { rabbitmq } from './rabbitmq.js';
import { redis } from './redis.js';

/** Every broker that runs in a cluster, by the name in `k8s/components/broker-<name>`. */
export const clusterBrokers = { kafka, rabbitmq, redis, jetstream } satisfies Record<string, ClusterBroker>;

export type Broker = keyof typeof clusterBrokers;

export const brokers = Object.keys(clusterBrokers) as Broker[];

/** The broker whose Dapr component has this type. Throws for another type. */
export function brokerOfComponent(type: string): ClusterBroker {
  return found(
    Object.values(clusterBrokers).find(({ componentType }) => componentType === type),
    type,
  );
}

/** The scaler with this type of trigger, if it measures a broker. */
export function scalerOfTrigger(type: string): ClusterBroker['scaler'] | undefined {
  return Object.values(clusterBrokers)
    .map(({ scaler }): ClusterBroker['scaler'] => scaler)
    .find((scaler) => scaler.type === type);
}

function found(broker: ClusterBroker | undefined, type: string): ClusterBroker {
  if (broker === undefined) throw new Error(`no broker of a cluster has the component type ${type}`);
  return broker;
}
