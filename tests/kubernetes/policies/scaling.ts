import { topicPartitions } from '@unity-purchase/tools';
import { scalerOfTrigger } from '../brokers/cluster-brokers.js';
import { named, ofKind, scaledObjectsIn, type Policy, type ScaledObject } from './policy.js';
import type { Manifest } from '../rendering/render.js';

/** The required numbers: how many pods, and the load per pod. */
export const scaling = {
  minReplicaCount: 2,
  maxReplicaCount: 10,
  requestsPerSecondAndPod: 20,
  waitingEventsPerPod: 10,
} as const;

type PodMonitor = Manifest & { spec: { podMetricsEndpoints: { interval: string }[] } };
type KafkaTopic = Manifest & {
  spec: { partitions: number; replicas: number; config: Record<string, number> };
};

const storefront = (objects: readonly Manifest[]): ScaledObject =>
  named(objects, 'ScaledObject', 'storefront');
const purchaseService = (objects: readonly Manifest[]): ScaledObject =>
  named(objects, 'ScaledObject', 'purchase-service');

/** How the services scale. */
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
    violate: (objects) => {
      storefront(objects).spec.maxReplicaCount = 9;
    },
  },
  {
    promise: `the storefront has a pod for every ${scaling.requestsPerSecondAndPod} requests per second`,
    violations: (objects) => {
      const [trigger] = storefront(objects).spec.triggers;
      return [
        ...(trigger.type === 'prometheus' ? [] : [`scales by ${trigger.type}`]),
        ...(trigger.metadata['threshold'] === String(scaling.requestsPerSecondAndPod)
          ? []
          : ['has another threshold']),
        ...(trigger.metadata['ignoreNullValues'] === 'false'
          ? []
          : ['treats a missing answer as no traffic']),
      ];
    },
    violate: (objects) => {
      delete storefront(objects).spec.triggers[0].metadata['ignoreNullValues'];
    },
  },
  {
    promise: `the purchase-service has a pod for every ${scaling.waitingEventsPerPod} waiting events`,
    violations: (objects) => {
      const [{ type, metadata }] = purchaseService(objects).spec.triggers;
      const key = scalerOfTrigger(type)?.lagPerPodKey;
      if (key === undefined) return [`scales by ${type}`];
      return metadata[key] === String(scaling.waitingEventsPerPod)
        ? []
        : [`${key} is ${metadata[key] ?? 'missing'}`];
    },
    violate: (objects) => {
      const [{ type, metadata }] = purchaseService(objects).spec.triggers;
      metadata[scalerOfTrigger(type)?.lagPerPodKey ?? ''] = '100';
    },
  },
  {
    promise: 'while a metric is missing, KEDA never scales down',
    violations: (objects) =>
      scaledObjectsIn(objects).flatMap(({ metadata, spec }) => [
        ...(spec.fallback?.behavior === 'currentReplicasIfHigher'
          ? []
          : [`${metadata.name} scales down without a metric`]),
        ...((spec.fallback?.replicas ?? 0) > spec.minReplicaCount
          ? []
          : [`${metadata.name} falls back to the minimum`]),
        ...spec.triggers
          .filter(({ metricType }) => metricType !== 'AverageValue')
          .map(({ name }) => `${metadata.name}: ${name} has no fallback, because it is not an average`),
      ]),
    violate: (objects) => {
      const { fallback } = storefront(objects).spec;
      if (fallback !== undefined) fallback.behavior = 'static';
    },
  },
  {
    promise: 'ScaledObject, Deployment and autoscaler have the same name',
    violations: (objects) =>
      scaledObjectsIn(objects).flatMap(({ metadata, spec }) => [
        ...(metadata.name === spec.scaleTargetRef.name &&
        objects.some(({ kind, metadata: { name } }) => kind === 'Deployment' && name === metadata.name)
          ? []
          : [`${metadata.name} scales ${spec.scaleTargetRef.name}`]),
        ...(spec.advanced.horizontalPodAutoscalerConfig.name === metadata.name
          ? []
          : [`${metadata.name} has an autoscaler with another name`]),
      ]),
    violate: (objects) => {
      storefront(objects).spec.scaleTargetRef.name = 'shop';
    },
  },
  {
    promise: 'Kafka has a partition for each pod, and as many partitions as on one machine',
    violations: (objects) =>
      ofKind<KafkaTopic>(objects, 'KafkaTopic').flatMap(({ metadata, spec }) => [
        ...(spec.partitions === topicPartitions[metadata.name]
          ? []
          : [`${metadata.name}: ${spec.partitions} partitions`]),
        ...(metadata.name === 'purchase-events' && spec.partitions < scaling.maxReplicaCount
          ? ['fewer partitions than pods']
          : []),
      ]),
    violate: (objects) => {
      const [topic] = ofKind<KafkaTopic>(objects, 'KafkaTopic');
      if (topic !== undefined) topic.spec.partitions = 5;
    },
  },
  {
    promise: 'events survive the loss of one of several Kafka brokers',
    violations: (objects) =>
      ofKind<KafkaTopic>(objects, 'KafkaTopic')
        .filter(({ spec }) => {
          const inSync = spec.config['min.insync.replicas'] ?? 1;
          return spec.replicas === 1 ? inSync !== 1 : inSync < 2 || inSync >= spec.replicas;
        })
        .map(({ metadata }) => `${metadata.name}: min.insync.replicas does not fit the number of replicas`),
    violate: (objects) => {
      const [topic] = ofKind<KafkaTopic>(objects, 'KafkaTopic');
      if (topic !== undefined) topic.spec.config['min.insync.replicas'] = topic.spec.replicas + 1;
    },
  },
  {
    promise: 'a rate covers four scrapes at least',
    violations: (objects) => {
      const query = storefront(objects).spec.triggers[0].metadata['query'] ?? '';
      const windows = [...query.matchAll(/\[(\d+)m\]/g)].map(([, minutes]) => Number(minutes) * 60);
      const interval = Number(
        /^(\d+)s$/.exec(
          named<PodMonitor>(objects, 'PodMonitor', 'storefront').spec.podMetricsEndpoints[0]?.interval ?? '',
        )?.[1],
      );
      if (windows.length === 0) return ['the query has no window in minutes'];
      return windows.filter((seconds) => !(seconds >= 4 * interval)).map((seconds) => `${seconds} s`);
    },
    violate: (objects) => {
      named<PodMonitor>(objects, 'PodMonitor', 'storefront').spec.podMetricsEndpoints = [{ interval: '30s' }];
    },
  },
];
