import { errorText, waitUntil } from '@unity-purchase/tools';
import { parties, productNamespace } from '../kubernetes/network/parties.js';
import { addressOf, startAgents } from './checks/agents.js';
import type { RealCluster } from './nodes/real-cluster.js';

/** The gateway's place in the table of connections, and the component of overlays that admits it. */
export const gateway = { party: 'Envoy beside its Gateway', component: 'gateway-envoy' } as const;

const port = 8080;

/**
 * Starts a gateway in the place and with the labels of Envoy's, which passes connections on to the storefront's Service. Resolves to
 * the address of the shop.
 */
export async function startGateway({ controlPlane, nodes: [node] }: RealCluster): Promise<string> {
  const pod = parties.find(({ name }) => name === gateway.party)?.pod;
  if (pod === undefined) throw new Error(`there is no party ${gateway.party}`);
  const agent = {
    namespace: pod.namespace,
    name: 'public',
    labels: pod.labels,
    // The node that stays when the other is drained or cut off.
    ...(node === undefined ? {} : { node: node.name }),
    forwards: { port, to: 'storefront.purchase-system.svc.cluster.local:80' },
  };
  await controlPlane.apply(`{ apiVersion: v1, kind: Namespace, metadata: { name: ${pod.namespace} } }`);
  await startAgents(controlPlane, [agent]);
  const shop = `http://${await addressOf(controlPlane, agent)}:${String(port)}`;
  await waitUntil(
    async () =>
      (await fetch(`${shop}/`).then(({ status }) => status, String)) === 200 || `${shop} does not answer`,
    30_000,
  );
  return shop;
}

const routeWithinMs = 480_000;

/** Accepts the storefront's route once there is one, as the controller of a gateway does. Argo CD waits for it. */
export async function acceptRoute({ controlPlane }: RealCluster): Promise<void> {
  const accept = (type: string) => ({
    type,
    status: 'True',
    reason: type,
    message: '',
    lastTransitionTime: new Date().toISOString(),
  });
  const parent = {
    parentRef: { name: 'public', namespace: 'gateway' },
    controllerName: 'gateway.envoyproxy.io/gatewayclass-controller',
    conditions: [accept('Accepted'), accept('ResolvedRefs')],
  };
  await waitUntil(
    () =>
      controlPlane
        .kubectl([
          ...['--namespace', productNamespace, 'patch', 'httproute', 'storefront', '--subresource', 'status'],
          ...['--type', 'merge', '--patch', JSON.stringify({ status: { parents: [parent] } })],
        ])
        .then(() => true as const, errorText),
    routeWithinMs,
  );
}
