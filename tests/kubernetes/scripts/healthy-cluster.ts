import { configured, valuesIn } from './configured-scripts.js';
import type { Answer } from './fake-programs.js';

const found = (when: string, output = 'object/found\n'): Answer => ({ when, output });

const gateway = 'envoy-gateway-system gateway.envoyproxy.io/owning-gateway-name=public,\n';

/** The answers of `kubectl` to the doctor in a healthy cluster. */
export const healthyCluster: readonly Answer[] = [
  found('--raw /version', '{\n  "gitVersion": "v1.36.1"\n}'),
  found('get nodes', 'node/a\nnode/b\nnode/c\n'),
  found('get storageclasses', 'true'),
  found('get configmap installation', valuesIn(configured)),
  found('{.spec.source.repoURL}', 'https://git.test/our/shop.git'),
  found('{.state.waiting.reason}', 'registry.test/our/storefront:1.0.0 \n'),
  found('gateways.gateway.networking.k8s.io public', 'True'),
  found('{.status.parents[*].conditions', 'True'),
  found(
    'networkpolicies.networking.k8s.io gateway --namespace purchase-system --output go-template',
    gateway,
  ),
  ...['dapr-system', 'keda', 'monitoring', 'external-secrets'].flatMap((namespace) => [
    found(`get deployments --namespace ${namespace} --output name`),
    found(`get deployments --namespace ${namespace} --output jsonpath`, 'one=True\ntwo=True\n'),
  ]),
  found('dapr-sidecar-injector --ignore-not-found'),
  found('caBundle}', 'bundle'),
  found('failurePolicy}', 'Fail'),
  found('get apiservices', 'True'),
  found(
    'name=storefront --output',
    'storefront-1 True daprd storefront\nstorefront-2 True daprd storefront\n',
  ),
  found('name=purchase-service --output', 'purchase-service-1 True daprd purchase-service\n'),
  // These conditions are bad when true, so they come before the others.
  found('(@.type=="Paused")', 'False'),
  found('(@.type=="Fallback")', 'False'),
  found('{.status.conditions', 'True'),
  found('{.spec.kafka.rack.topologyKey}', 'topology.kubernetes.io/zone'),
  found('{.spec.partitions}', '20'),
  found('{.spec.maxReplicaCount}', '10'),
  found('{.status.phase}', 'Running'),
  found('{.status.lastSuccessfulTime}', '2030-01-01T03:20:00Z'),
  found('get secret alert-receiver', 'aHR0cHM6Ly9hbGVydHMudGVzdA=='),
  found('get pvc', ''),
  found('get applications.argoproj.io', 'root Synced Healthy\npurchase-system Synced Healthy\n'),
  found('--output name'),
];
