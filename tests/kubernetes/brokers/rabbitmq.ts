import { topics } from '@unity-purchase/contracts';
import { brokers, queueOf } from '@unity-purchase/tools';
import { named, pods, tcp } from '../network/party.js';
import { nameProblems, settingProblems, type ClusterBroker } from './cluster-broker.js';

export const rabbitmq: ClusterBroker = {
  componentType: brokers.rabbitmq.type,
  scaler: {
    type: 'rabbitmq',
    sources: ['rabbitmq_scaler.go'],
    lagPerPodKey: 'value',
    allowedValues: { mode: ['QueueLength', 'MessageRate'], protocol: ['amqp', 'http', 'auto'] },
    metadataFor: () => ({ queueName: queueOf(topics.purchaseEvents), mode: 'QueueLength' }),
  },
  pods: pods('RabbitMQ', 'rabbitmq', named('rabbitmq'), [tcp(5672), tcp(15672), tcp(25672)]),
  topicProblems: (objects, expected) => [
    ...nameProblems(objects, 'Exchange', expected),
    ...nameProblems(objects, 'Queue', expected.map(queueOf)),
  ],
  // A queue keeps an event until it is acknowledged. Arguments and policies could delete it earlier.
  retentionProblems: (objects) => [
    ...settingProblems(objects, 'Queue', (spec) => spec, { arguments: undefined, autoDelete: false }),
    ...nameProblems(objects, 'Policy', []),
  ],
};
