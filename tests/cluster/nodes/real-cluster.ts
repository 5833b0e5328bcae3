import { join } from 'node:path';
import { waitUntil } from '@unity-purchase/tools';
import { controllerProcesses } from '../../kubernetes/control-plane/controllers.js';
import { startControlPlane, type ControlPlane } from '../../kubernetes/control-plane/control-plane.js';
import type { ArchivedImage } from '../images/archived-image.js';
import { createControlGroups } from './control-groups.js';
import { addresses, createNodeNetworks, nodeNetworks, routePods } from './networks.js';
import { configurePodNetwork, containerd, nodeProcesses, prepareNode, type Node } from './node-processes.js';

/** A Kubernetes with two nodes that run containers. */
export type RealCluster = {
  controlPlane: ControlPlane;
  nodes: readonly Node[];
};

/** Both nodes start at once on two processors. */
const readyTimeoutMs = 120_000;

type NodeObject = {
  spec: { podCIDR?: string };
  status: { conditions: { type: string; status: string; message: string }[] };
};

/**
 * Starts a control plane and two nodes, gives both the images in `archives`, and resolves when both are ready. It must run in network,
 * mount and process namespaces of its own: with them it ends, and nothing of it is left.
 */
export async function startRealCluster(
  folder: string,
  archives: readonly ArchivedImage[],
  onLine: (name: string, line: string) => void,
): Promise<RealCluster> {
  await createControlGroups(nodeNetworks.map(({ name }) => name));
  await createNodeNetworks();
  const controlPlane = await startControlPlane({
    nodes: {
      address: addresses.controlPlane,
      serviceRange: addresses.services,
      names: nodeNetworks.map(({ name }) => name),
    },
    onLine,
  });
  await controlPlane.add(
    await controllerProcesses(
      controlPlane,
      ['*'],
      [
        `--root-ca-file=${controlPlane.apiServer.certificate}`,
        '--allocate-node-cidrs=true',
        `--cluster-cidr=${addresses.pods}`,
        `--service-cluster-ip-range=${addresses.services}`,
      ],
    ),
  );
  const nodes = await Promise.all(nodeNetworks.map((network) => prepareNode(network, join(folder, 'nodes'))));
  for (const node of nodes) await controlPlane.add([await containerd(node)]);
  await Promise.all(
    nodes.map(async (node) => {
      for (const image of archives) await importImage(node, image);
    }),
  );
  for (const node of nodes) await controlPlane.add(await nodeProcesses(node, controlPlane));
  for (const node of nodes) await connectPods(node, controlPlane);
  await Promise.all(nodes.map(({ name }) => untilReady(name, controlPlane)));
  return { controlPlane, nodes };
}

/** The archive has the first name. Further names are added. */
async function importImage(
  { ctr }: Node,
  { archive, names: [first, ...others] }: ArchivedImage,
): Promise<void> {
  await ctr('images', 'import', archive);
  for (const name of others) await ctr('images', 'tag', '--force', first, name);
}

async function connectPods(node: Node, { client }: ControlPlane): Promise<void> {
  let podRange = '';
  await waitUntil(async () => {
    podRange = (await client.getJson<NodeObject>(`/api/v1/nodes/${node.name}`)).spec.podCIDR ?? '';
    return podRange !== '' || `${node.name} has no addresses for pods`;
  }, readyTimeoutMs);
  await routePods(node, podRange);
  await configurePodNetwork(node, podRange);
}

async function untilReady(name: string, { client }: ControlPlane): Promise<void> {
  await waitUntil(async () => {
    const { status } = await client.getJson<NodeObject>(`/api/v1/nodes/${name}`);
    const ready = status.conditions.find(({ type }) => type === 'Ready');
    return ready?.status === 'True' || `${name} is not ready: ${ready?.message ?? 'it reports nothing'}`;
  }, readyTimeoutMs);
}
