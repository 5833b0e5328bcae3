import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, obtainKubernetesProgram, runProgram, type ServerProcess } from '@unity-purchase/tools';
import { stringify } from 'yaml';
import { answersOk } from '../../kubernetes/control-plane/answers-ok.js';
import type { ControlPlane } from '../../kubernetes/control-plane/control-plane.js';
import { pauseImage } from '../images/program-images.js';
import { controlGroupOf } from './control-groups.js';
import { addresses, type NodeNetwork } from './networks.js';

/** Everything ends with the process namespace of the run. */
const stopTimeoutMs = 5_000;

const ports = { proxyHealth: 10_256, routerHealth: 20_244 };

/** A node: a network namespace with containerd and a kubelet. */
export type Node = NodeNetwork & {
  /** Its files. */
  folder: string;
  /** Runs containerd's client. Resolves to its output. */
  ctr: (...args: string[]) => Promise<string>;
};

/** Prepares the folder of a node. */
export async function prepareNode(network: NodeNetwork, parent: string): Promise<Node> {
  const folder = join(parent, network.name);
  await mkdir(networkPlugins(folder), { recursive: true });
  const socket = socketOf(folder);
  return {
    ...network,
    folder,
    ctr: (...args) => runProgram('ctr', ['--address', socket, '--namespace', 'k8s.io', ...args]),
  };
}

const socketOf = (folder: string): string => join(folder, 'containerd.sock');
const networkPlugins = (folder: string): string => join(folder, 'network-plugins');
const registries = (folder: string): string => join(folder, 'registries');

/** Lets a node pull images from a registry of this machine, which has no certificate. */
export async function trustRegistry({ folder }: Node, host: string): Promise<void> {
  const settings = join(registries(folder), host);
  await mkdir(settings, { recursive: true });
  const address = `http://${host}`;
  await writeFile(
    join(settings, 'hosts.toml'),
    `server = "${address}"\n[host."${address}"]\ncapabilities = ["pull", "resolve"]\n`,
  );
}

/** containerd, which runs the containers. Images can be imported when it is ready. */
export async function containerd({ name, folder, inside, ctr }: Node): Promise<ServerProcess> {
  const settings = join(folder, 'containerd.toml');
  await writeFile(
    settings,
    `version = 2
root = "${folder}/containerd"
state = "${folder}/state"
[grpc]
  address = "${socketOf(folder)}"
[plugins."io.containerd.grpc.v1.cri"]
  # This machine may lack the permission to make a process less likely to be killed for want of memory.
  restrict_oom_score_adj = true
  sandbox_image = "${pauseImage}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      BinaryName = "/usr/sbin/runc"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${networkPlugins(folder)}"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${registries(folder)}"
`,
  );
  return {
    spec: specOf(`containerd-${name}`, folder, inside(['containerd', '--config', settings])),
    isReady: () => ctr('version').then(() => true as const, errorText),
  };
}

/** The processes that make it a node of a control plane. They start after its images were imported. */
export async function nodeProcesses(node: Node, controlPlane: ControlPlane): Promise<ServerProcess[]> {
  const { name, folder, inside, address } = node;
  const { apiServer, client, kubeconfig } = controlPlane;
  const nodeKubeconfig = apiServer.kubeconfigOf(name);
  const program = (
    title: string,
    command: string,
    args: readonly string[],
    isReady: ServerProcess['isReady'],
  ): ServerProcess => ({
    spec: specOf(`${title}-${name}`, folder, inside([command, ...args])),
    isReady,
  });
  return [
    program(
      'kubelet',
      await obtainKubernetesProgram('kubelet'),
      [
        `--kubeconfig=${nodeKubeconfig}`,
        `--config=${await kubeletSettings(node, apiServer.kubeletClientCertificate)}`,
        `--root-dir=${folder}/kubelet`,
        `--cert-dir=${folder}/certificates`,
        `--hostname-override=${name}`,
        `--node-ip=${address}`,
      ],
      async () => {
        const { status } = await client.get(`/api/v1/nodes/${name}`);
        return status === 200 || `the API server does not know ${name}`;
      },
    ),
    program(
      'kube-proxy',
      await obtainKubernetesProgram('kube-proxy'),
      [`--config=${await proxySettings(node, kubeconfig)}`],
      () => answersOk(`http://${address}:${ports.proxyHealth}/healthz`),
    ),
    // Of its three parts, only the one that enforces network policies.
    program(
      'kube-router',
      await obtainKubernetesProgram('kube-router'),
      [
        `--kubeconfig=${kubeconfig}`,
        `--hostname-override=${name}`,
        '--run-firewall=true',
        '--run-router=false',
        '--run-service-proxy=false',
        `--service-cluster-ip-range=${addresses.services}`,
        '--iptables-sync-period=5s',
        `--health-port=${ports.routerHealth}`,
      ],
      () => answersOk(`http://${address}:${ports.routerHealth}/healthz`),
    ),
  ];
}

/** Gives the pods of a node their addresses. The node is ready afterwards. */
export async function configurePodNetwork({ folder }: Node, podRange: string): Promise<void> {
  await writeFile(
    join(networkPlugins(folder), '10-pods.conflist'),
    JSON.stringify({
      cniVersion: '0.4.0',
      name: 'pods',
      plugins: [
        {
          // Without a bridge, every packet of a pod passes the firewall of its node.
          type: 'ptp',
          ipam: {
            type: 'host-local',
            ranges: [[{ subnet: podRange }]],
            routes: [{ dst: '0.0.0.0/0' }],
            dataDir: join(folder, 'pod-addresses'),
          },
        },
        { type: 'portmap', capabilities: { portMappings: true } },
      ],
    }),
  );
}

function specOf(
  name: string,
  folder: string,
  [command, ...args]: [string, ...string[]],
): ServerProcess['spec'] {
  return { name, command, args, cwd: folder, env: process.env, stopTimeoutMs };
}

async function kubeletSettings({ name, folder }: Node, clientCertificate: string): Promise<string> {
  // The network has no DNS but the cluster's. Pods with the node's settings find none.
  const resolver = join(folder, 'resolv.conf');
  await writeFile(resolver, `nameserver ${addresses.controlPlane}\n`);
  return writeYaml(join(folder, 'kubelet.yaml'), {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: controlGroupOf(name),
    failSwapOn: false,
    clusterDNS: [addresses.domainNames],
    clusterDomain: 'cluster.local',
    containerRuntimeEndpoint: `unix://${socketOf(folder)}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: clientCertificate },
    },
    authorization: { mode: 'Webhook' },
    resolvConf: resolver,
    // The disk is that of the machine, which others fill.
    evictionHard: { 'memory.available': '200Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    podLogsDir: join(folder, 'logs'),
  });
}

async function proxySettings({ name, folder }: Node, kubeconfig: string): Promise<string> {
  return writeYaml(join(folder, 'kube-proxy.yaml'), {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig },
    mode: 'iptables',
    clusterCIDR: addresses.pods,
    hostnameOverride: name,
    healthzBindAddress: `0.0.0.0:${ports.proxyHealth}`,
    // It may not change these settings of this machine.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  });
}

async function writeYaml(file: string, content: unknown): Promise<string> {
  await writeFile(file, stringify(content));
  return file;
}
