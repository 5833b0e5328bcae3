import { findFreePorts, obtainKubernetesProgram } from '@unity-purchase/tools';
import { answersOk } from '../control-plane/answers-ok.js';
import type { ControlPlane } from '../control-plane/control-plane.js';

/** The controllers that delete namespaces, dependent objects and volume claims. */
const controllers = [
  'namespace-controller',
  'garbage-collector-controller',
  'persistentvolumeclaim-protection-controller',
];

/** Adds the controllers without which a deleted namespace would remain. */
export async function addNamespaceController({ kubeconfig, folder, add }: ControlPlane): Promise<void> {
  const [port = 0] = await findFreePorts(1);
  await add([
    {
      spec: {
        name: 'kube-controller-manager',
        cwd: folder,
        env: process.env,
        stopTimeoutMs: 5_000,
        command: await obtainKubernetesProgram('kube-controller-manager'),
        args: [
          `--kubeconfig=${kubeconfig}`,
          `--authentication-kubeconfig=${kubeconfig}`,
          `--authorization-kubeconfig=${kubeconfig}`,
          '--leader-elect=false',
          '--bind-address=127.0.0.1',
          `--secure-port=${port}`,
          `--cert-dir=${folder}/controller-manager`,
          `--controllers=${controllers.join()}`,
        ],
      },
      isReady: () => answersOk(`https://127.0.0.1:${port}/healthz`),
    },
  ]);
}
