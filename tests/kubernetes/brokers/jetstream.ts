import { eventRetentionDays } from '@unity-purchase/contracts';
import { brokers } from '@unity-purchase/tools';
import { named, pods, tcp } from '../network/party.js';
import { nameProblems, settingProblems, valueOf, type ClusterBroker } from './cluster-broker.js';

/**
 * The names in NATS' chart (nats-io/k8s, helm/charts/nats): its StatefulSet belongs to the headless Service, so that Service's
 * name follows a pod's name in DNS, and it has the monitoring port. The ordinary Service has neither.
 */
const chart = { headlessService: 'nats-headless', namespace: 'nats', monitoringPort: 8222 };

export const jetstream: ClusterBroker = {
  componentType: brokers.jetstream.type,
  scaler: {
    type: 'nats-jetstream',
    sources: ['nats_jetstream_scaler.go'],
    lagPerPodKey: 'lagThreshold',
    metadataFor: (component) => ({
      stream: valueOf(component, 'streamName'),
      consumer: valueOf(component, 'durableName'),
      // In a cluster, KEDA's scaler puts the name of a node before this host (getNATSJetStreamMonitoringNodeURLByNode).
      natsServerMonitoringEndpoint: `${chart.headlessService}.${chart.namespace}.svc:${chart.monitoringPort}`,
    }),
  },
  pods: pods('NATS', 'nats', named('nats'), [tcp(4222), tcp(6222), tcp(8222)]),
  topicProblems: (objects, expected) => nameProblems(objects, 'Stream', expected),
  retentionProblems: (objects) =>
    settingProblems(objects, 'Stream', (spec) => spec, {
      maxAge: `${eventRetentionDays * 24}h`,
      discard: 'new',
      storage: 'file',
      retention: 'limits',
    }),
};
