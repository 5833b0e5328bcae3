import type { RealCluster } from '../nodes/real-cluster.js';
import type { Shop } from '../shop.js';

type Named = { items: { metadata: { name: string } }[] };

/** What the cluster had before anything was installed, and the places of pods that the product only admits or refuses. */
const foreignNamespaces: ReadonlySet<string> = new Set([
  ...['default', 'kube-node-lease', 'kube-public', 'kube-system'],
  ...['elsewhere', 'envoy-gateway-system', 'gateway'],
]);

/** The groups of definitions that belong to Kubernetes, such as the gateway's. */
const foreignGroups = /k8s\.io$/;

/** Uninstalls everything. Resolves if nothing of it is left but volumes. */
export async function leavesNothing({ controlPlane }: RealCluster, shop: Shop): Promise<string> {
  const output = await shop.runScript('uninstall-infrastructure', '--yes', '--timeout', '3m');
  const { client } = controlPlane;
  const namesOf = async (path: string) =>
    (await client.getJson<Named>(path)).items.map(({ metadata }) => metadata.name);
  const claims = await client.getJson<{ items: { metadata: { namespace: string } }[] }>(
    '/api/v1/persistentvolumeclaims',
  );
  const holding = new Set(claims.items.map(({ metadata }) => metadata.namespace));
  const left = [
    ...(await namesOf('/api/v1/namespaces')).filter(
      (name) => !foreignNamespaces.has(name) && !holding.has(name),
    ),
    ...(await namesOf('/apis/apiextensions.k8s.io/v1/customresourcedefinitions')).filter(
      (name) => !foreignGroups.test(name),
    ),
    ...(await namesOf('/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations')),
    ...(await namesOf('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations')),
    ...(await namesOf('/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies')),
  ];
  if (left.length > 0) throw new Error(`left: ${left.join(', ')}\n${output.slice(-1_500)}`);
  return `nothing but the volumes in the namespaces ${[...holding].join(', ')}`;
}
