import { clusterBrokers } from '../brokers/cluster-brokers.js';
import { named, pods, tcp, udp, type Party, type Port } from './party.js';

/** The namespace that the policies protect. */
export const productNamespace = 'purchase-system';

/** The ports of an injected sidecar. */
const sidecar: readonly Port[] = [
  tcp(3500, 'dapr-http'),
  tcp(3501),
  tcp(50001, 'dapr-grpc'),
  tcp(50002, 'dapr-internal'),
  tcp(9090, 'dapr-metrics'),
];

const owningGateway = {
  'gateway.envoyproxy.io/owning-gateway-name': 'public',
  'gateway.envoyproxy.io/owning-gateway-namespace': 'gateway',
};

/** Pods in a cluster. Each party has only the labels that identify it, as its chart or operator sets them. */
const podParties: readonly Omit<Party, 'addresses'>[] = [
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
  // Without the labels of all its pods: these say which Gateway they serve (OwningGatewayLabels in its source).
  pods('Envoy Gateway', 'envoy-gateway-system', owningGateway, [tcp(10443)]),
  pods('Envoy beside its Gateway', 'gateway', owningGateway, [tcp(10443)]),
  pods('Traefik', 'kube-system', named('traefik'), [tcp(8443)]),
  pods(
    'ingress-nginx',
    'ingress-nginx',
    { ...named('ingress-nginx'), 'app.kubernetes.io/component': 'controller' },
    [tcp(443)],
  ),
  pods('Prometheus', 'monitoring', named('prometheus'), [tcp(9090)]),
  pods('trace collector', 'monitoring', named('opentelemetry-collector'), [tcp(4317), tcp(4318)]),
  pods('Jaeger', 'monitoring', named('jaeger'), [tcp(4318), tcp(16686)]),
  pods('Dapr sentry', 'dapr-system', { app: 'dapr-sentry' }, [tcp(50001), tcp(8080), tcp(9090)]),
  pods('Dapr operator', 'dapr-system', { app: 'dapr-operator' }, [tcp(6500), tcp(19443)]),
  pods('Dapr injector', 'dapr-system', { app: 'dapr-sidecar-injector' }, [tcp(4000)]),
  pods('Dapr placement', 'dapr-system', { app: 'dapr-placement-server' }, [tcp(50005)]),
  pods('Dapr scheduler', 'dapr-system', { app: 'dapr-scheduler-server' }, [tcp(50006)]),
  pods('KEDA', 'keda', named('keda-operator'), [tcp(9666)]),
  ...Object.values(clusterBrokers).map((broker) => broker.pods),
  pods('MongoDB', 'mongodb', { app: 'mongodb-svc' }, [tcp(27017), tcp(9216)]),
  pods('PostgreSQL', 'postgresql', named('postgresql'), [tcp(5432), tcp(8008)]),
];

/** Parties without a pod: their address identifies them. */
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
 * Near misses of a party: the same labels in another namespace, and the same namespace without one of the labels. No flow
 * includes them, so a selector that is too wide lets one of them in.
 */
function nearMisses({ name, pod, ports: open }: Omit<Party, 'addresses'>): Omit<Party, 'addresses'>[] {
  if (pod === undefined) return [];
  const { namespace, labels } = pod;
  const all = [
    pods(`${name}'s labels in another namespace`, 'elsewhere', labels, open),
    // In our own namespace, "other pods here" has no labels.
    ...Object.keys(namespace === productNamespace ? {} : labels).map((key) =>
      pods(
        `neighbours of ${name} without ${key}`,
        namespace,
        Object.fromEntries(Object.entries(labels).filter(([other]) => other !== key)),
        open,
      ),
    ),
  ];
  return all.map((one) => ({ ...one, nearly: name }));
}

/** Every party, with addresses. */
export const parties: readonly Party[] = [
  ...[...podParties, ...podParties.flatMap(nearMisses)].map((party, index) => ({
    ...party,
    addresses: [`10.244.0.${String(index + 1)}`, `fd00:244::${(index + 1).toString(16)}`],
  })),
  ...outside,
];

/** The ports of all parties, and one that no party has: a rule without ports opens it. */
export const ports: readonly Port[] = [
  ...new Map(
    [...parties.flatMap((party) => party.ports), tcp(12345), udp(12345)].map(({ port, protocol }) => [
      `${protocol} ${String(port)}`,
      { port, protocol },
    ]),
  ).values(),
];
