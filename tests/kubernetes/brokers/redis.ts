import { components, eventRetentionDays, topics } from '@unity-purchase/contracts';
import { brokers, differencesIn } from '@unity-purchase/tools';
import { named as labelled, pods, tcp } from '../network/party.js';
import { metadataOf, named, type DaprComponent } from '../policies/policy.js';
import { consumerGroupOf, valueOf, type ClusterBroker } from './cluster-broker.js';

export const redis: ClusterBroker = {
  componentType: brokers.redis.type,
  scaler: {
    type: 'redis-streams',
    sources: ['redis_streams_scaler.go', 'redis_scaler.go'],
    lagPerPodKey: 'lagCount',
    // The struct with the address is optional as a whole (`ConnectionInfo`); SetDefaults and Validate need one of these.
    oneOf: [['address'], ['addresses'], ['host', 'port'], ['hosts', 'ports']],
    metadataFor: (component) => ({
      address: valueOf(component, 'redisHost'),
      consumerGroup: consumerGroupOf(component),
      stream: topics.purchaseEvents,
    }),
  },
  pods: pods('Redis', 'redis', labelled('redis'), [tcp(6379), tcp(16379), tcp(26379)]),
  // Dapr creates stream and consumer group together, before the first event.
  topicProblems: () => [],
  retentionProblems: (objects) =>
    [components.pubsub, components.deadLetters].flatMap((name) => {
      const component = named<DaprComponent>(objects, 'Component', name);
      const settings = { streamTTL: metadataOf(component, 'streamTTL') };
      return differencesIn(settings, { streamTTL: `${eventRetentionDays * 24}h` }).map(
        (difference) => `${name}: ${difference}`,
      );
    }),
};
