import type { Labels } from './label-selector.js';
import type { Party, Port } from './party.js';

/** The namespace that the policies are for. */
export const productNamespace = 'purchase-system';

/** What an injected sidecar listens on. */
const sidecar: readonly Port[] = [
  tcp(3500, 'dapr-http'),
  tcp(3501),
  tcp(50001, 'dapr-grpc'),
  tcp(50002, 'dapr-internal'),
  tcp(9090, 'dapr-metrics'),
];

/**
 * Everybody whose connections the table answers for. Their labels are those that make them what they are, as the charts and
 * operators that make their pods set them.
 */
const known: readonly Omit<Party, 'addresses'>[] = [
  pods('storefront', productNamespace, named('storefront'), [
    tcp(8080, 'http'),
    tcp(8081, 'management'),
    ...sidecar,
  ]),
  pods('purchase-service', productNamespace, named('purchase-service'), [
    tcp(8000, 'http'),
    tcp(8081, 'management'),
    ...sidecar,
  ]),
  pods('other pods here', productNamespace, {}, []),
  pods('cluster DNS', 'kube-system', { 'k8s-app': 'kube-dns' }, [udp(53), tcp(53), tcp(9153)]),
  pods('gateway', 'gateway', {}, [tcp(8443)]),
  pods('Prometheus', 'monitoring', named('prometheus'), [tcp(9090)]),
  pods('trace collector', 'monitoring', named('opentelemetry-collector'), [tcp(4317), tcp(4318)]),
  pods('Dapr sentry', 'dapr-system', { app: 'dapr-sentry' }, [tcp(50001), tcp(8080), tcp(9090)]),
  pods('Dapr operator', 'dapr-system', { app: 'dapr-operator' }, [tcp(6500), tcp(19443)]),
  pods('Dapr injector', 'dapr-system', { app: 'dapr-sidecar-injector' }, [tcp(4000)]),
  pods('Dapr placement', 'dapr-system', { app: 'dapr-placement-server' }, [tcp(50005)]),
  pods('Dapr scheduler', 'dapr-system', { app: 'dapr-scheduler-server' }, [tcp(50006)]),
  pods('KEDA', 'keda', named('keda-operator'), [tcp(9666)]),
  pods('Kafka brokers', 'kafka', { 'strimzi.io/cluster': 'kafka', 'strimzi.io/broker-role': 'true' }, [
    tcp(9091),
    tcp(9092),
    tcp(9093),
    tcp(9404),
  ]),
  pods('RabbitMQ', 'rabbitmq', named('rabbitmq'), [tcp(5672), tcp(15672), tcp(25672)]),
  pods('Redis', 'redis', named('redis'), [tcp(6379), tcp(16379), tcp(26379)]),
  pods('NATS', 'nats', named('nats'), [tcp(4222), tcp(6222), tcp(8222)]),
  pods('MongoDB', 'mongodb', { app: 'mongodb-svc' }, [tcp(27017), tcp(9216)]),
  pods('PostgreSQL', 'postgresql', named('postgresql'), [tcp(5432), tcp(8008)]),
];

/** What has no pod: who it is decides its address. */
const outside: readonly Party[] = [
  { name: 'internet', addresses: ['203.0.113.7'], ports: [tcp(80), tcp(443)] },
  { name: 'internet over IPv6', addresses: ['2001:db8::7'], ports: [tcp(80), tcp(443)] },
  { name: 'Kubernetes API', addresses: ['10.96.0.1'], ports: [tcp(443), tcp(6443)] },
  { name: 'nodes', addresses: ['192.168.7.10'], ports: [tcp(10250)] },
  { name: 'networks around the cluster', addresses: ['172.16.7.10'], ports: [tcp(443)] },
  { name: 'cloud metadata', addresses: ['169.254.169.254'], ports: [tcp(80)] },
  { name: 'cloud metadata at Alibaba', addresses: ['100.100.100.200'], ports: [tcp(80)] },
  { name: 'cloud metadata over IPv6', addresses: ['fd00:ec2::254'], ports: [tcp(80)] },
  { name: 'neighbours over IPv6', addresses: ['fe80::7'], ports: [] },
];

/**
 * Those who are nearly one of them: with the same labels in another namespace, and in its namespace without one of its labels.
 * No flow is theirs, so a selector that is wider than it must be lets one of them in.
 */
function impostors({ name, pod, ports }: Omit<Party, 'addresses'>): Omit<Party, 'addresses'>[] {
  if (pod === undefined) return [];
  const { namespace, labels } = pod;
  return [
    pods(`${name}'s like in another namespace`, 'elsewhere', labels, ports),
    // In our own namespace that is who is called other pods here.
    ...Object.keys(namespace === productNamespace ? {} : labels).map((key) =>
      pods(
        `neighbours of ${name} without ${key}`,
        namespace,
        Object.fromEntries(Object.entries(labels).filter(([other]) => other !== key)),
        ports,
      ),
    ),
  ];
}

/** Everybody, with addresses. */
export const parties: readonly Party[] = [
  ...[...known, ...known.flatMap(impostors)].map((party, index) => ({
    ...party,
    addresses: [`10.244.0.${String(index + 1)}`, `fd00:244::${(index + 1).toString(16)}`],
  })),
  ...outside,
];

/** Every port that anybody has, and one that nobody has: a rule that forgets its ports opens it. */
export const ports: readonly Port[] = [
  ...new Map(
    [...parties.flatMap((party) => party.ports), tcp(12345), udp(12345)].map(({ port, protocol }) => [
      `${protocol} ${String(port)}`,
      { port, protocol },
    ]),
  ).values(),
];

function pods(
  name: string,
  namespace: string,
  labels: Labels,
  itsPorts: readonly Port[],
): Omit<Party, 'addresses'> {
  const namespaceLabels = { 'kubernetes.io/metadata.name': namespace };
  return { name, pod: { namespace, namespaceLabels, labels }, ports: itsPorts };
}

function named(name: string): Labels {
  return { 'app.kubernetes.io/name': name };
}

function tcp(port: number, name?: string): Port {
  return { port, protocol: 'TCP', ...(name === undefined ? {} : { name }) };
}

function udp(port: number): Port {
  return { port, protocol: 'UDP' };
}
