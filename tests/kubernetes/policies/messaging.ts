import { appIds, components, topics } from '@unity-purchase/contracts';
import { brokerOfComponent } from '../brokers/cluster-brokers.js';
import {
  annotation,
  daprComponentsIn,
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

type KafkaTopic = Manifest & { spec: { config: Record<string, number> } };

const pubsub = (objects: readonly Manifest[]): DaprComponent =>
  named(objects, 'Component', components.pubsub);

const lag = (objects: readonly Manifest[]): ScaledObject['spec']['triggers'][0] =>
  named<ScaledObject>(objects, 'ScaledObject', appIds.purchaseService).spec.triggers[0];

/** Whether operators run the servers, and External Secrets copies their Secrets. On a cluster of your own, scripts do both. */
const hasOperators = (objects: readonly Manifest[]): boolean =>
  objects.some(({ kind }) => kind === 'SecretStore');

/** What sidecars, KEDA and the broker must agree on. */
export const messagingPolicies: readonly Policy[] = [
  {
    promise: 'the Dapr components are pubsub, dead-letters, statestore and secrets, each with its scope',
    violations: (objects) => {
      const expected: Record<string, string> = {
        [components.pubsub]: `${appIds.storefront},${appIds.purchaseService}`,
        [components.deadLetters]: appIds.purchaseService,
        [components.stateStore]: appIds.purchaseService,
        [components.secrets]: appIds.storefront,
      };
      const found = Object.fromEntries(
        daprComponentsIn(objects).map(({ metadata, scopes }) => [
          metadata.name,
          scopes?.join() ?? 'all apps',
        ]),
      );
      return Object.entries({ ...expected, ...found })
        .filter(([name]) => expected[name] !== found[name])
        .map(([name]) => `${name}: ${found[name] ?? 'missing'}`);
    },
    violate: (objects) => {
      delete named<DaprComponent>(objects, 'Component', components.stateStore).scopes;
    },
  },
  {
    promise: 'each pubsub component limits which app may publish and subscribe',
    violations: (objects) =>
      daprComponentsIn(objects)
        .filter(({ spec }) => spec.type.startsWith('pubsub.'))
        .flatMap((component) =>
          ['publishingScopes', 'subscriptionScopes']
            .filter((key) => (metadataOf(component, key) ?? '') === '')
            .map((key) => `${component.metadata.name} has no ${key}`),
        ),
    violate: (objects) => {
      const { spec } = pubsub(objects);
      spec.metadata = spec.metadata.filter(({ name }) => name !== 'publishingScopes');
    },
  },
  {
    promise: 'app ids and topics are those of the contracts',
    violations: (objects) => [
      ...Object.values(appIds).flatMap((id) => {
        const found = annotation(named<Deployment>(objects, 'Deployment', id), 'dapr.io/app-id');
        return found === id ? [] : [`${id} has the app id ${found ?? 'missing'}`];
      }),
      ...ofKind<Subscription>(objects, 'Subscription').flatMap(({ spec }) =>
        [spec.topic, spec.deadLetterTopic ?? topics.deadLetters]
          .filter((topic) => !Object.values<string>(topics).includes(topic))
          .map((topic) => `unknown topic ${topic}`),
      ),
    ],
    violate: (objects) => {
      named<Deployment>(objects, 'Deployment', appIds.storefront).spec.template.metadata.annotations[
        'dapr.io/app-id'
      ] = 'shop';
    },
  },
  {
    promise: 'KEDA measures the broker of the sidecars, and the events for the purchase-service',
    violations: (objects) => {
      const component = pubsub(objects);
      const { scaler } = brokerOfComponent(component.spec.type);
      const { type, metadata } = lag(objects);
      return [
        ...(type === scaler.type ? [] : [`${type} for ${component.spec.type}`]),
        ...Object.entries(scaler.metadataFor(component))
          .filter(([key, value]) => metadata[key] !== value)
          .map(([key, value]) => `${key} is ${metadata[key] ?? 'missing'}, not ${value}`),
      ];
    },
    violate: (objects) => {
      lag(objects).metadata['consumerGroup'] = 'purchases';
    },
  },
  {
    promise:
      'with operators, the manifests create the topics, queues or streams of both topics before the first event',
    violations: (objects) =>
      hasOperators(objects)
        ? brokerOfComponent(pubsub(objects).spec.type).topicProblems(objects, Object.values(topics))
        : [],
    violate: (objects) => {
      objects.splice(objects.indexOf(named(objects, 'KafkaTopic', topics.deadLetters)), 1);
    },
  },
  {
    promise: 'with operators, the broker keeps events for as long as the contracts say, and not longer',
    violations: (objects) => brokerOfComponent(pubsub(objects).spec.type).retentionProblems(objects),
    violate: (objects) => {
      const { config } = named<KafkaTopic>(objects, 'KafkaTopic', topics.purchaseEvents).spec;
      config['retention.ms'] = 604_800_000;
    },
  },
];
