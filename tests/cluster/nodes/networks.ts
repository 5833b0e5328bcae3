import { runProgram } from '@unity-purchase/tools';

/** The addresses of a cluster. They exist in the network namespaces of one run only. */
export const addresses = {
  /** Where nodes and pods reach the API server. */
  controlPlane: '10.77.0.1',
  nodes: ['10.77.0.11', '10.77.0.12'],
  pods: '10.244.0.0/16',
  services: '10.96.0.0/16',
  domainNames: '10.96.0.10',
} as const;

/** The network of a node: it is a network namespace, connected with the others by a bridge. */
export type NodeNetwork = {
  /** The name of the node and of its namespace. */
  name: string;
  address: string;
  /** The command line for running a program in the node's network. */
  inside: (command: readonly [string, ...string[]]) => [string, ...string[]];
};

const bridge = 'nodes';

/** The network of each node, by its name. */
export const nodeNetworks: readonly NodeNetwork[] = addresses.nodes.map((address, index) => {
  const name = `node-${'ab'.charAt(index)}`;
  return {
    name,
    address,
    // `ip netns exec` would mount a new /sys, without the control groups that a kubelet needs.
    inside: (command) => ['nsenter', `--net=/run/netns/${name}`, ...command],
  };
});

/**
 * Creates the networks of the nodes, and connects them with the network namespace of this process, which must be one of its own:
 * it has no route to anywhere else.
 */
export async function createNodeNetworks(): Promise<void> {
  await ip('link', 'set', 'lo', 'up');
  await ip('link', 'add', bridge, 'type', 'bridge');
  await ip('address', 'add', `${addresses.controlPlane}/24`, 'dev', bridge);
  await ip('link', 'set', bridge, 'up');
  for (const { name, address, inside } of nodeNetworks) {
    await ip('netns', 'add', name);
    await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    await ip('link', 'set', name, 'master', bridge, 'up');
    const inNode = (...args: string[]) => ip('-netns', name, ...args);
    await inNode('address', 'add', `${address}/24`, 'dev', 'eth0');
    await inNode('link', 'set', 'eth0', 'up');
    await inNode('link', 'set', 'lo', 'up');
    await inNode('route', 'add', 'default', 'via', addresses.controlPlane);
    const [program, ...args] = inside(['sysctl', '--quiet', '--write', 'net.ipv4.ip_forward=1']);
    await runProgram(program, args);
  }
  // The API server calls webhooks at the addresses of Services.
  await ip('route', 'add', addresses.services, 'via', addresses.nodes[0]);
}

/** Makes the pods of a node reachable from everywhere else. */
export async function routePods(node: NodeNetwork, podRange: string): Promise<void> {
  const route = ['route', 'add', podRange, 'via', node.address];
  await ip(...route);
  for (const other of nodeNetworks) if (other !== node) await ip('-netns', other.name, ...route);
}

async function ip(...args: string[]): Promise<void> {
  await runProgram('ip', args);
}
