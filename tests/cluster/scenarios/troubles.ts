import { shopperApiPath } from '@unity-purchase/contracts';
import { runProgram, waitUntil } from '@unity-purchase/tools';
import { productNamespace } from '../../kubernetes/network/parties.js';
import { services } from '../checks/sidecars.js';
import { keda } from '../infrastructure/keda.js';
import { prometheus } from '../infrastructure/prometheus.js';
import { askPurchaseService, resultText, startLoad, type Load } from '../load.js';
import type { Node } from '../nodes/node-processes.js';
import type { RealCluster } from '../nodes/real-cluster.js';
import type { Shop } from '../shop.js';

/** Something that goes wrong while shoppers buy, and is over when it resolves. */
export type Trouble = {
  name: string;
  happen: (cluster: RealCluster, shop: Shop, load: Load) => Promise<string>;
};

const buyPerSecond = 3;

/** Images are there, and a sidecar that came up before the firewall knew its pod starts again. */
const readyTimeout = '55s';

const recoveredWithinMs = 240_000;

/** A node is given up after 40 s, and its pods then get no requests. */
const cutOffMs = 60_000;

const daprDeployments = ['dapr-operator', 'dapr-sentry', 'dapr-sidecar-injector'] as const;

/** Resolves if everything that shoppers bought before, during and after a trouble was recorded once. */
export async function survives(
  { happen }: Trouble,
  cluster: RealCluster,
  shop: Shop,
  { address, missingForMs }: { address: string; missingForMs?: number },
): Promise<string> {
  await using load = await startLoad(address, { root: shop.root, perSecond: buyPerSecond });
  const happened = await happen(cluster, shop, load);
  await untilRecovered(cluster);
  return `${happened}; ${resultText(await load.end(missingForMs))}`;
}

/** What would be a loss: the purchases of a shopper disappear from the store. */
export const loss: Trouble = {
  name: 'someone erases a shopper',
  happen: async (_, { root }, load) => {
    await load.untilBought();
    const [shopper] = load.buyers.shoppers;
    const path = `${shopperApiPath}/${encodeURIComponent(shopper?.id ?? '')}`;
    const { status } = await askPurchaseService(root)(path, { method: 'DELETE' });
    return `erasing was answered with ${String(status)}`;
  },
};

export const troubles: readonly Trouble[] = [
  { name: 'a node is drained', happen: drainNode },
  { name: 'a node loses its network for a minute', happen: cutOffNode },
  { name: "Dapr's operator, sentry and injector, and KEDA, are killed", happen: killControlPlanes },
  { name: 'Prometheus stops', happen: stopPrometheus },
  { name: 'a purchase-service is killed for want of memory', happen: runOutOfMemory },
  { name: "Dapr's certificates are renewed", happen: renewCertificates },
];

async function drainNode({ controlPlane, nodes }: RealCluster): Promise<string> {
  const { name } = otherNode(nodes);
  await controlPlane.kubectl(
    ['drain', name, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=170s'],
    { timeoutMs: 180_000 },
  );
  const left = await podsOn(controlPlane, name);
  await controlPlane.kubectl(['uncordon', name]);
  if (left.length > 0) throw new Error(`${name} still has ${left.join(', ')}`);
  return `${name} had no pods left`;
}

async function cutOffNode({ controlPlane, nodes }: RealCluster): Promise<string> {
  const { name } = otherNode(nodes);
  // A node's end of the bridge has its name.
  await runProgram('ip', ['link', 'set', name, 'down']);
  const sinceMs = performance.now();
  try {
    await waitUntil(async () => {
      const ready = await isReady(controlPlane, name);
      return (ready !== 'True' && performance.now() - sinceMs > cutOffMs) || `${name} still counts as ready`;
    }, recoveredWithinMs);
  } finally {
    await runProgram('ip', ['link', 'set', name, 'up']);
  }
  await waitUntil(
    async () => (await isReady(controlPlane, name)) === 'True' || `${name} is not ready again`,
    recoveredWithinMs,
  );
  return `${name} was unreachable for ${((performance.now() - sinceMs) / 1_000).toFixed(0)} s`;
}

async function killControlPlanes({ controlPlane }: RealCluster): Promise<string> {
  const namespaces = ['dapr-system', keda.namespace];
  for (const namespace of namespaces)
    await controlPlane.kubectl([
      ...['--namespace', namespace, 'delete', 'pods', '--all', '--grace-period=0', '--force'],
    ]);
  return 'all of their pods at once';
}

async function stopPrometheus({ controlPlane }: RealCluster): Promise<string> {
  const scale = (replicas: number) =>
    controlPlane.kubectl([
      ...['--namespace', prometheus.namespace, 'scale', `deployment/${prometheus.name}`],
      `--replicas=${String(replicas)}`,
    ]);
  await scale(0);
  try {
    await waitUntil(async () => {
      const status = await controlPlane.kubectl([
        ...['--namespace', productNamespace, 'get', 'scaledobject', 'storefront', '--output'],
        'jsonpath={.status.conditions[?(@.type=="Fallback")].status}',
      ]);
      return status === 'True' || `KEDA has not noticed: Fallback is ${status}`;
    }, recoveredWithinMs);
    const replicas = await controlPlane.kubectl([
      ...['--namespace', productNamespace, 'get', 'deployment', 'storefront', '--output'],
      'jsonpath={.spec.replicas}',
    ]);
    return `KEDA went over to its fallback, with ${replicas} storefronts`;
  } finally {
    await scale(1);
  }
}

/**
 * Makes the main process of its container use up the memory, through the inspector that Node.js opens on request. A process that was
 * started beside it would be killed itself.
 */
const eatMemory = `
process.kill(1, 'SIGUSR1');
const open = async () => {
  const targets = await fetch('http://127.0.0.1:9229/json').then((answer) => answer.json(), () => undefined);
  if (targets === undefined) return setTimeout(open, 50);
  const socket = new WebSocket(targets[0].webSocketDebuggerUrl);
  const expression = 'setInterval(() => (globalThis.eaten ??= []).push(Buffer.alloc(2 ** 24, 1)), 10)';
  socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
};
open();
`;

async function runOutOfMemory({ controlPlane }: RealCluster): Promise<string> {
  const inNamespace = (...args: string[]) => controlPlane.kubectl(['--namespace', productNamespace, ...args]);
  const pod = await inNamespace(
    ...['get', 'pods', '--selector', 'app.kubernetes.io/name=purchase-service'],
    ...['--output', 'jsonpath={.items[0].metadata.name}'],
  );
  // It ends with the container.
  await inNamespace('exec', pod, '--container', 'purchase-service', '--', 'node', '--eval', eatMemory).catch(
    () => undefined,
  );
  let reason = '';
  await waitUntil(async () => {
    reason = await inNamespace(
      ...['get', 'pod', pod, '--output'],
      'jsonpath={.status.containerStatuses[?(@.name=="purchase-service")].lastState.terminated.reason}',
    );
    return reason !== '' || `${pod} still runs`;
  }, recoveredWithinMs);
  if (reason !== 'OOMKilled') throw new Error(`${pod} ended with ${reason}`);
  return `${pod}: ${reason}`;
}

async function renewCertificates(_: RealCluster, shop: Shop): Promise<string> {
  await shop.runScript('renew-dapr-certificates', '--yes', '--timeout', '4m');
  return 'with renew-dapr-certificates.sh';
}

async function untilRecovered({ controlPlane }: RealCluster): Promise<void> {
  const deployments = [
    ...daprDeployments.map((name) => ['dapr-system', name] as const),
    ...keda.deployments.map((name) => [keda.namespace, name] as const),
    [prometheus.namespace, prometheus.name] as const,
    ...services.map((name) => [productNamespace, name] as const),
  ];
  for (const [namespace, name] of deployments)
    await controlPlane.kubectl([
      ...['--namespace', namespace, 'rollout', 'status', `deployment/${name}`, `--timeout=${readyTimeout}`],
    ]);
}

function otherNode([, node]: readonly Node[]): Node {
  if (node === undefined) throw new Error('there is only one node');
  return node;
}

type NodeObject = { status: { conditions: { type: string; status: string }[] } };

async function isReady({ client }: RealCluster['controlPlane'], node: string): Promise<string | undefined> {
  const { status } = await client.getJson<NodeObject>(`/api/v1/nodes/${node}`);
  return status.conditions.find(({ type }) => type === 'Ready')?.status;
}

async function podsOn({ kubectl }: RealCluster['controlPlane'], node: string): Promise<string[]> {
  const names = await kubectl([
    ...['get', 'pods', '--all-namespaces', '--field-selector', `spec.nodeName=${node}`],
    ...['--output', 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'],
  ]);
  return names.split('\n').filter((name) => name !== '');
}
