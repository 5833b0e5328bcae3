import { join } from 'node:path';
import { executableName } from './platform.js';
import { obtainGoPrograms, type GoPrograms } from './go-programs.js';
import { versions } from './versions.js';

const kubernetesVersion = `v${versions.kubernetes}`;

const kubernetes = {
  module: 'k8s.io/kubernetes',
  version: kubernetesVersion,
  // The parts of Kubernetes 1.36.1 are published as 0.36.1.
  stagingVersion: kubernetesVersion.replace(/^v1\./, 'v0.'),
  // Clients ask for it, and would otherwise read v0.0.0-master.
  linkerFlags: [
    `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
    `-X k8s.io/client-go/pkg/version.gitVersion=${kubernetesVersion}`,
  ],
};

/** What a Kubernetes without nodes is made of, each as far as possible in a build of its own, because few need all. */
const builds = {
  kubectl: {
    ...kubernetes,
    name: 'kubectl',
    packages: { kubectl: 'k8s.io/kubernetes/cmd/kubectl' },
    takes: 'about two minutes on two cores',
  },
} satisfies Record<string, GoPrograms>;

export type KubernetesProgram = keyof typeof builds;

/** Resolves to the path of a program, built into the cache unless it is there. Rejects as `obtainGoPrograms` does. */
export async function obtainKubernetesProgram(program: KubernetesProgram): Promise<string> {
  return join(await obtainGoPrograms(builds[program]), executableName(program));
}
