import { appIds, components, topics } from '@unity-purchase/contracts';
import { queueOf } from '@unity-purchase/tools';
import {
  annotation,
  componentsIn,
  metadataOf,
  named,
  ofKind,
  type DaprComponent,
  type Deployment,
  type Policy,
  type ScaledObject,
} from './policy.js';
import type { Manifest } from '../rendering/render.js';

type Subscription = Manifest & {
  spec: { pubsubname: string; topic: string; deadLetterTopic?: string };
  scopes?: string[];
};

/** Which trigger of KEDA looks at which component of Dapr. */
const triggerOf: Readonly<Record<string, string>> = {
  'pubsub.kafka': 'kafka',
  'pubsub.rabbitmq': 'rabbitmq',
  'pubsub.redis': 'redis-streams',
  'pubsub.jetstream': 'nats-jetstream',
};

const pubsub = (objects: readonly Manifest[]): DaprComponent =>
  named(objects, 'Component', components.pubsub);

const lag = (objects: readonly Manifest[]): ScaledObject['spec']['triggers'][0] =>
  named<ScaledObject>(objects, 'ScaledObject', appIds.purchaseService).spec.triggers[0];

/** What sidecars, KEDA and the broker must agree on. */
export const messagingPolicies: readonly Policy[] = [
  {
    promise: 'there is one broker, one store, dead letters and secrets, each within its scope',
    violations: (objects) => {
      const expected: Record<string, string> = {
        [components.pubsub]: `${appIds.storefront},${appIds.purchaseService}`,
        [components.deadLetters]: appIds.purchaseService,
        [components.stateStore]: appIds.purchaseService,
        [components.secrets]: appIds.storefront,
      };
      const found = Object.fromEntries(
        componentsIn(objects).map(({ metadata, scopes }) => [metadata.name, scopes?.join() ?? 'everybody']),
      );
      return Object.entries({ ...expected, ...found })
        .filter(([name]) => expected[name] !== found[name])
        .map(([name]) => `${name}: ${found[name] ?? 'missing'}`);
    },
    broken: (objects) => {
      delete named<DaprComponent>(objects, 'Component', components.stateStore).scopes;
    },
  },
  {
    promise: 'who may publish and who may read what is said for every topic',
    violations: (objects) =>
      componentsIn(objects)
        .filter(({ spec }) => spec.type.startsWith('pubsub.'))
        .flatMap((component) =>
          ['publishingScopes', 'subscriptionScopes']
            .filter((key) => (metadataOf(component, key) ?? '') === '')
            .map((key) => `${component.metadata.name} has no ${key}`),
        ),
    broken: (objects) => {
      const { spec } = pubsub(objects);
      spec.metadata = spec.metadata.filter(({ name }) => name !== 'publishingScopes');
    },
  },
  {
    promise: 'both services go by the names that the contracts have, and events by the topics',
    violations: (objects) => [
      ...Object.values(appIds).flatMap((id) => {
        const found = annotation(named<Deployment>(objects, 'Deployment', id), 'dapr.io/app-id');
        return found === id ? [] : [`${id} is called ${found ?? 'nothing'}`];
      }),
      ...ofKind<Subscription>(objects, 'Subscription').flatMap(({ spec }) =>
        [spec.topic, spec.deadLetterTopic ?? topics.deadLetters]
          .filter((topic) => !Object.values<string>(topics).includes(topic))
          .map((topic) => `${topic} is no topic`),
      ),
    ],
    broken: (objects) => {
      named<Deployment>(objects, 'Deployment', appIds.storefront).spec.template.metadata.annotations[
        'dapr.io/app-id'
      ] = 'shop';
    },
  },
  {
    promise:
      'KEDA measures the broker that the sidecars use, and the events that the purchase-service waits for',
    violations: (objects) => {
      const component = pubsub(objects);
      const { type, metadata } = lag(objects);
      const differing = Object.entries(expectedOfTrigger(component)).filter(
        ([key, value]) => metadata[key] !== value,
      );
      return [
        ...(triggerOf[component.spec.type] === type ? [] : [`${type} for ${component.spec.type}`]),
        ...differing.map(([key, value]) => `${key} is ${metadata[key] ?? 'missing'}, not ${value}`),
      ];
    },
    broken: (objects) => {
      lag(objects).metadata['consumerGroup'] = 'purchases';
    },
  },
  {
    promise:
      'what each broker needs before the first event is there: topics, queues or streams, both of them',
    violations: (objects) => {
      const type = pubsub(objects).spec.type;
      const names = (kind: string): string[] => ofKind(objects, kind).map(nameOnBroker).sort();
      const wanted = Object.values(topics).sort();
      const found: Readonly<Record<string, string[]>> = {
        'pubsub.kafka': names('KafkaTopic'),
        'pubsub.jetstream': names('Stream'),
        'pubsub.rabbitmq': names('Exchange'),
        // Dapr makes stream and group together, from the first event on.
        'pubsub.redis': wanted,
      };
      return [
        ...(found[type]?.join() === wanted.join() ? [] : [`${type}: ${found[type]?.join() ?? 'unknown'}`]),
        ...(type !== 'pubsub.rabbitmq' || names('Queue').join() === wanted.map(queueOf).join()
          ? []
          : [`queues are ${names('Queue').join()}`]),
      ];
    },
    broken: (objects) => {
      objects.splice(objects.indexOf(named(objects, 'KafkaTopic', topics.deadLetters)), 1);
    },
  },
];

/** What KEDA must be told, by what the sidecars are told. */
function expectedOfTrigger(component: DaprComponent): Record<string, string> {
  const said = (name: string): string => metadataOf(component, name) ?? `what ${name} says`;
  // Dapr's own default for the group of consumers is the app id.
  const group = metadataOf(component, 'consumerGroup') ?? appIds.purchaseService;
  switch (component.spec.type) {
    case 'pubsub.kafka':
      return {
        bootstrapServers: said('brokers'),
        consumerGroup: group,
        topic: topics.purchaseEvents,
        version: said('version'),
        offsetResetPolicy: said('initialOffset') === 'oldest' ? 'earliest' : 'latest',
        tls: said('authType') === 'mtls' ? 'enable' : 'disable',
      };
    case 'pubsub.rabbitmq':
      return { queueName: queueOf(topics.purchaseEvents), mode: 'QueueLength' };
    case 'pubsub.redis':
      return { address: said('redisHost'), consumerGroup: group, stream: topics.purchaseEvents };
    case 'pubsub.jetstream':
      return { stream: said('streamName'), consumer: said('durableName') };
    default:
      throw new Error(`${component.spec.type} is not known here`);
  }
}

/** Some objects are called otherwise than what they stand for. */
function nameOnBroker(object: Manifest): string {
  return (object['spec'] as { name?: string }).name ?? object.metadata.name;
}
