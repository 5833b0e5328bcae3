import { components } from '@unity-purchase/contracts';
import type { Manifest } from '../rendering/render.js';
import {
  daprComponentsIn,
  metadataOf,
  named,
  type DaprComponent,
  type Deployment,
  type Policy,
  type ScaledObject,
} from './policy.js';

/** The connections that one sidecar may open for a component, and how many its server allows all clients together. */
type Connections = { perSidecar: (component: DaprComponent) => number | undefined; allowed: number };

const numberOf = (component: DaprComponent, key: string): number | undefined => {
  const text = metadataOf(component, key);
  return text === undefined ? undefined : Number(text);
};

/** Without a pool's size in the component, the client's default depends on the node or is far too large. */
const connectionsByType: Readonly<Record<string, Connections>> = {
  'state.postgresql': {
    perSidecar: (component) => numberOf(component, 'maxConns'),
    // max_connections is 100 by default; three are reserved for superusers. The rest is for operators and backups.
    allowed: 90,
  },
  'state.mongodb': {
    perSidecar: (component) => {
      const size = /[?&]maxPoolSize=(\d+)/.exec(metadataOf(component, 'params') ?? '')?.[1];
      return size === undefined ? undefined : Number(size);
    },
    // Up to a megabyte each, in half of the gigabyte that its cache leaves (k8s/infrastructure/mongodb/mongodb.yaml).
    allowed: 500,
  },
  // maxclients is 10,000 by default.
  'state.redis': { perSidecar: (component) => numberOf(component, 'poolSize'), allowed: 10_000 },
  'pubsub.redis': { perSidecar: (component) => numberOf(component, 'poolSize'), allowed: 10_000 },
  // One connection. max_connections is 65,536 by default.
  'pubsub.jetstream': { perSidecar: () => 1, allowed: 65_536 },
  // One connection. RabbitMQ limits them by its file descriptors, of which it needs a thousand at least.
  'pubsub.rabbitmq': { perSidecar: () => 1, allowed: 1_024 },
  // A consumer and a producer, each with a connection to every broker and one to begin with. Kafka has no limit by default.
  'pubsub.kafka': { perSidecar: () => 8, allowed: Number.POSITIVE_INFINITY },
};

/** The most pods of a service at once: the autoscaler's maximum, and those that a rollout adds. */
function podsMax(objects: readonly Manifest[], service: string): number {
  const surge =
    named<Deployment>(objects, 'Deployment', service).spec.strategy?.rollingUpdate?.maxSurge ?? Infinity;
  return named<ScaledObject>(objects, 'ScaledObject', service).spec.maxReplicaCount + surge;
}

/** What all sidecars together may open at a server. */
export const connectionPolicies: readonly Policy[] = [
  {
    promise: 'the connections of all sidecars fit what the broker and the store allow',
    violations: (objects) => {
      const opened = new Map<string, number>();
      const problems = daprComponentsIn(objects)
        .filter(({ metadata }) => metadata.name !== components.secrets)
        .flatMap((component) => {
          const { type } = component.spec;
          const size = connectionsByType[type]?.perSidecar(component);
          if (size === undefined)
            return [`${component.metadata.name} (${type}) does not limit its connections`];
          const pods = (component.scopes ?? []).map((service) => podsMax(objects, service));
          const all = size * pods.reduce((sum, count) => sum + count, 0);
          opened.set(type, (opened.get(type) ?? 0) + all);
          return [];
        });
      return [
        ...problems,
        ...[...opened]
          .filter(([type, count]) => count > (connectionsByType[type]?.allowed ?? 0))
          .map(([type, count]) => `${type}: up to ${count} connections`),
      ];
    },
    violate: (objects) => {
      named<ScaledObject>(objects, 'ScaledObject', 'purchase-service').spec.maxReplicaCount = 100;
    },
  },
];
