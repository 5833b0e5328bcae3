import { topicPartitions } from '@unity-purchase/tools';
import { named, ofKind, scaledObjectsIn, type Policy, type ScaledObject } from './policy.js';
import type { Manifest } from '../rendering/render.js';

/** Pods, and what each of them is for: as asked of this system. */
export const scaling = {
  minReplicaCount: 2,
  maxReplicaCount: 10,
  requestsPerSecondAndPod: 20,
  waitingEventsPerPod: 10,
} as const;

/** What KEDA's scalers call the events that wait for each pod. */
const thresholdKeys: Readonly<Record<string, string>> = {
  kafka: 'lagThreshold',
  rabbitmq: 'value',
  'redis-streams': 'lagCount',
  'nats-jetstream': 'lagThreshold',
};

type PodMonitor = Manifest & { spec: { podMetricsEndpoints: { interval: string }[] } };
type KafkaTopic = Manifest & {
  spec: { partitions: number; replicas: number; config: Record<string, number> };
};

const storefront = (objects: readonly Manifest[]): ScaledObject =>
  named(objects, 'ScaledObject', 'storefront');
const purchaseService = (objects: readonly Manifest[]): ScaledObject =>
  named(objects, 'ScaledObject', 'purchase-service');

/** What must be true of how pods become more and fewer. */
export const scalingPolicies: readonly Policy[] = [
  {
    promise: `both services have ${scaling.minReplicaCount} to ${scaling.maxReplicaCount} pods`,
    violations: (objects) =>
      [storefront(objects), purchaseService(objects)]
        .filter(
          ({ spec }) =>
            spec.minReplicaCount !== scaling.minReplicaCount ||
            spec.maxReplicaCount !== scaling.maxReplicaCount,
        )
        .map(({ metadata, spec }) => `${metadata.name}: ${spec.minReplicaCount} to ${spec.maxReplicaCount}`),
    broken: (objects) => {
      storefront(objects).spec.maxReplicaCount = 9;
    },
  },
  {
    promise: `the storefront has a pod for every ${scaling.requestsPerSecondAndPod} requests a second`,
    violations: (objects) => {
      const [trigger] = storefront(objects).spec.triggers;
      return [
        ...(trigger.type === 'prometheus' ? [] : [`is scaled by ${trigger.type}`]),
        ...(trigger.metadata['threshold'] === String(scaling.requestsPerSecondAndPod)
          ? []
          : ['another threshold']),
        ...(trigger.metadata['ignoreNullValues'] === 'false' ? [] : ['no answer counts as no traffic']),
      ];
    },
    broken: (objects) => {
      delete storefront(objects).spec.triggers[0].metadata['ignoreNullValues'];
    },
  },
  {
    promise: `the purchase-service has a pod for every ${scaling.waitingEventsPerPod} events that wait`,
    violations: (objects) => {
      const [{ type, metadata }] = purchaseService(objects).spec.triggers;
      const key = thresholdKeys[type];
      if (key === undefined) return [`is scaled by ${type}`];
      return metadata[key] === String(scaling.waitingEventsPerPod)
        ? []
        : [`${key} is ${metadata[key] ?? 'missing'}`];
    },
    broken: (objects) => {
      const [{ type, metadata }] = purchaseService(objects).spec.triggers;
      metadata[thresholdKeys[type] ?? ''] = '100';
    },
  },
  {
    promise: 'what cannot be measured changes nothing: fallback keeps what there is, and needs an average',
    violations: (objects) =>
      scaledObjectsIn(objects).flatMap(({ metadata, spec }) => [
        ...(spec.fallback?.behavior === 'currentReplicasIfHigher'
          ? []
          : [`${metadata.name} scales down when blind`]),
        ...((spec.fallback?.replicas ?? 0) > spec.minReplicaCount
          ? []
          : [`${metadata.name} falls back to few`]),
        ...spec.triggers
          .filter(({ metricType }) => metricType !== 'AverageValue')
          .map(({ name }) => `${metadata.name}: ${name} is no average, for which there is no fallback`),
      ]),
    broken: (objects) => {
      const { fallback } = storefront(objects).spec;
      if (fallback !== undefined) fallback.behavior = 'static';
    },
  },
  {
    promise: 'everything that is scaled is there, under the name that dashboards and people look for',
    violations: (objects) =>
      scaledObjectsIn(objects).flatMap(({ metadata, spec }) => [
        ...(metadata.name === spec.scaleTargetRef.name &&
        objects.some(({ kind, metadata: { name } }) => kind === 'Deployment' && name === metadata.name)
          ? []
          : [`${metadata.name} scales ${spec.scaleTargetRef.name}`]),
        ...(spec.advanced.horizontalPodAutoscalerConfig.name === metadata.name
          ? []
          : ['the autoscaler is called else']),
      ]),
    broken: (objects) => {
      storefront(objects).spec.scaleTargetRef.name = 'shop';
    },
  },
  {
    promise: 'on Kafka there are partitions for all pods, and as many as on one machine',
    violations: (objects) =>
      ofKind<KafkaTopic>(objects, 'KafkaTopic').flatMap(({ metadata, spec }) => [
        ...(spec.partitions === topicPartitions[metadata.name]
          ? []
          : [`${metadata.name}: ${spec.partitions} partitions`]),
        ...(metadata.name === 'purchase-events' && spec.partitions < scaling.maxReplicaCount
          ? ['fewer partitions than pods']
          : []),
      ]),
    broken: (objects) => {
      const [topic] = ofKind<KafkaTopic>(objects, 'KafkaTopic');
      if (topic !== undefined) topic.spec.partitions = 5;
    },
  },
  {
    promise: 'a Kafka broker can be away, where there is more than one',
    violations: (objects) =>
      ofKind<KafkaTopic>(objects, 'KafkaTopic')
        .filter(({ spec }) => {
          const inSync = spec.config['min.insync.replicas'] ?? 1;
          return spec.replicas === 1 ? inSync !== 1 : inSync < 2 || inSync >= spec.replicas;
        })
        .map(({ metadata }) => `${metadata.name}: replicas and min.insync.replicas do not go together`),
    broken: (objects) => {
      const [topic] = ofKind<KafkaTopic>(objects, 'KafkaTopic');
      if (topic !== undefined) topic.spec.config['min.insync.replicas'] = topic.spec.replicas + 1;
    },
  },
  {
    promise: 'the rate is over four values at least',
    violations: (objects) => {
      const query = storefront(objects).spec.triggers[0].metadata['query'] ?? '';
      const windows = [...query.matchAll(/\[(\d+)m\]/g)].map(([, minutes]) => Number(minutes) * 60);
      const interval = Number(
        /^(\d+)s$/.exec(
          named<PodMonitor>(objects, 'PodMonitor', 'storefront').spec.podMetricsEndpoints[0]?.interval ?? '',
        )?.[1],
      );
      if (windows.length === 0) return ['there is no window in minutes'];
      return windows.filter((seconds) => !(seconds >= 4 * interval)).map((seconds) => `${seconds} s`);
    },
    broken: (objects) => {
      named<PodMonitor>(objects, 'PodMonitor', 'storefront').spec.podMetricsEndpoints = [{ interval: '30s' }];
    },
  },
];
