import { eventRetentionMs, eventSegmentMs, topics } from '@unity-purchase/contracts';
import { brokers } from '@unity-purchase/tools';
import { pods, tcp } from '../network/party.js';
import {
  consumerGroupOf,
  nameProblems,
  settingProblems,
  valueOf,
  type ClusterBroker,
} from './cluster-broker.js';

export const kafka: ClusterBroker = {
  componentType: brokers.kafka.type,
  scaler: {
    type: 'kafka',
    sources: ['kafka_scaler.go'],
    lagPerPodKey: 'lagThreshold',
    metadataFor: (component) => ({
      bootstrapServers: valueOf(component, 'brokers'),
      consumerGroup: consumerGroupOf(component),
      topic: topics.purchaseEvents,
      version: valueOf(component, 'version'),
      offsetResetPolicy: valueOf(component, 'initialOffset') === 'oldest' ? 'earliest' : 'latest',
      tls: valueOf(component, 'authType') === 'mtls' ? 'enable' : 'disable',
    }),
  },
  pods: pods('Kafka brokers', 'kafka', { 'strimzi.io/cluster': 'kafka', 'strimzi.io/broker-role': 'true' }, [
    tcp(9091),
    tcp(9092),
    tcp(9093),
    tcp(9404),
  ]),
  topicProblems: (objects, expected) => nameProblems(objects, 'KafkaTopic', expected),
  retentionProblems: (objects) =>
    settingProblems(objects, 'KafkaTopic', (spec) => spec['config'] as Record<string, unknown>, {
      'retention.ms': eventRetentionMs,
      'segment.ms': eventSegmentMs,
      'retention.bytes': undefined,
      'cleanup.policy': undefined,
    }),
};
