import { brokerNamed } from '../local/brokers.js';
import { mainPair } from '../local/pairs.js';
import type { Choice } from '../local/runner/choose-resources.js';
import { planSystem } from '../local/runner/plan-system.js';
import { servers } from '../local/servers/servers.js';
import { stores } from '../local/stores.js';
import { openPodman } from '../images/podman.js';
import { debianProgram, prometheusPackages, shellcheckPackages } from '../programs/debian-programs.js';
import { requireChromium } from '../programs/chromium.js';
import { requireDebianPackages } from '../programs/install-debian-packages.js';
import { obtainKubernetesProgram, type KubernetesProgram } from '../programs/kubernetes-programs.js';
import {
  obtainSourceOutline,
  obtainKubectlValidate,
  obtainPodAsInjected,
  upstreamFolder,
  upstreams,
} from '../programs/manifest-checkers.js';
import { obtainTool } from '../programs/obtain.js';
import { obtainCrane, obtainRegistry } from '../programs/registry.js';
import { obtainSchemathesis } from '../programs/schemathesis.js';
import { toolNames } from '../programs/versions.js';
import { obtainActionlint, obtainZizmor } from '../programs/workflow-linters.js';
import { projectRoot } from '../project-root.js';
import { commands, type Command, type Requirement } from './command-table.js';
import { exitingOnInterrupts } from './interrupts.js';
import type { CommandName } from './read-arguments.js';

/** What a node needs besides Kubernetes' own programs. */
const nodePackages = [
  ...['containerd', 'runc', 'containernetworking-plugins'],
  ...['iptables', 'ipset', 'conntrack', 'iproute2', 'procps'],
];

/** How to obtain each requirement. Obtaining again takes no time: everything is kept in the cache. */
const obtainers: Readonly<Record<Requirement, () => Promise<void>>> = {
  runtime: () => inOrder(toolNames, obtainTool),
  'dapr-cli': () => inOrder(['dapr'], obtainTool),
  servers: () => inOrder(servers, (server) => server.obtain()),
  // Only the command's arguments tell which: it calls obtainFor.
  'chosen-servers': () => Promise.resolve(),
  'main-broker': () => inOrder([brokerNamed(mainPair.broker)], ({ server }) => server.obtain()),
  'main-servers': () => obtainFor(mainPair),
  postgresql: () => inOrder([stores.postgresql.server], (server) => server.obtain()),
  chromium: () => inOrder(['chromium'], () => requireChromium()),
  kubectl: () => kubernetesPrograms('kubectl'),
  'kubernetes-programs': async () => {
    await kubernetesPrograms('etcd', 'kube-apiserver', 'kube-controller-manager', 'helm');
    await obtainKubectlValidate();
    await obtainPodAsInjected();
    await obtainSourceOutline();
    await inOrder(upstreams, upstreamFolder);
  },
  'cluster-programs': () =>
    kubernetesPrograms('etcd', 'kube-apiserver', 'kube-controller-manager', 'kwok', 'keda-operator'),
  'node-programs': async () => {
    await inOrder([nodePackages], requireDebianPackages);
    await kubernetesPrograms(
      ...([
        'etcd',
        'kube-apiserver',
        'kube-controller-manager',
        'kube-scheduler',
        'kubelet',
        'kube-proxy',
      ] as const),
      ...(['coredns', 'kube-router', 'helm', 'dapr-operator', 'dapr-sentry', 'dapr-injector'] as const),
      ...(['keda-operator', 'prometheus', 'argocd', 'kustomize', 'jaeger', 'metrics-server'] as const),
    );
  },
  prometheus: () => inOrder([prometheusPackages], (packages) => debianProgram(packages)),
  shellcheck: () => inOrder([shellcheckPackages], (packages) => debianProgram(packages)),
  registry: async () => {
    await obtainRegistry();
    await obtainCrane();
  },
  schemathesis: () => inOrder(['schemathesis'], () => obtainSchemathesis()),
  'workflow-linters': async () => {
    await obtainActionlint();
    await obtainZizmor();
  },
  vale: async () => {
    const { obtainVale } = await import('../prose/prose-linter.js');
    await obtainVale();
  },
  podman: () => inOrder(['podman'], () => openPodman()),
};

/**
 * Obtains everything that a command requires according to the command table. It takes minutes the first time, so it must
 * not happen inside a test, which has a deadline. An interrupt ends this process.
 */
export async function obtainRequirements(name: CommandName): Promise<void> {
  const { requires = [] }: Command = commands[name];
  await exitingOnInterrupts(() => inOrder(requires, (requirement) => obtainers[requirement]()));
}

/** Obtains the runtime and the servers of this broker and store that do not run elsewhere. */
export async function obtainFor(choice: Choice): Promise<void> {
  await obtainTool('daprd');
  const { servers: planned } = await planSystem({ root: projectRoot, ...choice });
  await inOrder(planned, ({ definition }) => definition.obtain());
}

async function kubernetesPrograms(...programs: readonly KubernetesProgram[]): Promise<void> {
  await inOrder(programs, obtainKubernetesProgram);
}

async function inOrder<Item>(
  items: readonly Item[],
  obtain: (item: Item) => Promise<unknown>,
): Promise<void> {
  for (const item of items) await obtain(item);
}
