import { join } from 'node:path';
import {
  goModuleFolder,
  findFreePorts,
  obtainKubernetesProgram,
  versions,
  type ServerProcess,
} from '@unity-purchase/tools';
import { stringify } from 'yaml';
import type { ControlPlane } from './control-plane.js';
import { answersOk } from './answers-ok.js';

/** Their data is temporary. */
const stopTimeoutMs = 5_000;

/**
 * The controllers for Deployments, their pods, disruption budgets and autoscalers. Those for endpoints are missing, because
 * pods have loopback addresses here, which Kubernetes refuses in Endpoints.
 */
const controllers = [
  'deployment-controller',
  'replicaset-controller',
  'horizontal-pod-autoscaler-controller',
  'disruption-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
];

/** On Linux, all its addresses belong to this machine, so that each pod can listen on its own address. */
const podNetwork = '127.77.0.1/16';

/** KWOK's own stages: nodes and pods become ready immediately, and disappear as soon as they are deleted. */
const stages = [
  'node/fast/node-initialize.yaml',
  'pod/fast/pod-ready.yaml',
  'pod/fast/pod-complete.yaml',
  'pod/fast/pod-delete.yaml',
];

/** The number of zones that the manifests spread pods over. */
const zones = ['a', 'b', 'c'];

/**
 * Adds Kubernetes' controllers and scheduler, which create and place the pods of Deployments, and KWOK, which simulates
 * nodes and reports pods as ready. No container runs.
 */
export async function addControllers(controlPlane: ControlPlane): Promise<void> {
  await controlPlane.add([
    ...(await controllerProcesses(controlPlane, controllers)),
    await simulatedNodes(controlPlane),
  ]);
  await controlPlane.apply(zones.map(node).join('---\n'));
}

/**
 * Kubernetes' controller manager with some of its controllers, and its scheduler. `more` are further arguments of the controller
 * manager.
 */
export async function controllerProcesses(
  { kubeconfig, folder, apiServer }: ControlPlane,
  wanted: readonly string[],
  more: readonly string[] = [],
): Promise<ServerProcess[]> {
  const [controllerPort = 0, schedulerPort = 0] = await findFreePorts(2);
  const common = { cwd: folder, env: process.env, stopTimeoutMs };
  const connection = [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    // Only health checks call these processes.
    '--authentication-skip-lookup=true',
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
  ];
  return [
    {
      spec: {
        ...common,
        name: 'kube-controller-manager',
        command: await obtainKubernetesProgram('kube-controller-manager'),
        args: [
          ...connection,
          `--secure-port=${controllerPort}`,
          `--cert-dir=${folder}/controller-manager`,
          `--controllers=${wanted.join()}`,
          `--service-account-private-key-file=${apiServer.serviceAccountKey}`,
          ...more,
        ],
      },
      isReady: () => answersOk(`https://127.0.0.1:${controllerPort}/healthz`),
    },
    {
      spec: {
        ...common,
        name: 'kube-scheduler',
        command: await obtainKubernetesProgram('kube-scheduler'),
        args: [...connection, `--secure-port=${schedulerPort}`, `--cert-dir=${folder}/scheduler`],
      },
      isReady: () => answersOk(`https://127.0.0.1:${schedulerPort}/healthz`),
    },
  ];
}

async function simulatedNodes({ kubeconfig, folder }: ControlPlane): Promise<ServerProcess> {
  const [port = 0] = await findFreePorts(1);
  const source = await goModuleFolder({ module: 'sigs.k8s.io/kwok', version: `v${versions.kwok}` });
  return {
    spec: {
      name: 'kwok',
      cwd: folder,
      env: process.env,
      stopTimeoutMs,
      command: await obtainKubernetesProgram('kwok'),
      args: [
        `--kubeconfig=${kubeconfig}`,
        '--manage-all-nodes=true',
        ...stages.map((stage) => `--config=${join(source, 'kustomize', 'stage', stage)}`),
        `--cidr=${podNetwork}`,
        `--server-address=127.0.0.1:${port}`,
      ],
    },
    isReady: () => answersOk(`http://127.0.0.1:${port}/healthz`),
  };
}

function node(zone: string): string {
  const name = `node-${zone}`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/zone': zone,
      },
    },
  });
}
