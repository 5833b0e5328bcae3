import { obtainGoProgram, type GoPrograms } from './go-programs.js';
import { versions } from './versions.js';

const kubernetesVersion = `v${versions.kubernetes}`;

const kubernetes = {
  module: 'k8s.io/kubernetes',
  version: kubernetesVersion,
  // The modules of Kubernetes 1.36.1 are published as 0.36.1.
  stagingVersion: kubernetesVersion.replace(/^v1\./, 'v0.'),
  // Without it, the programs would report the version v0.0.0-master to clients.
  linkerFlags: [
    `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
    `-X k8s.io/client-go/pkg/version.gitVersion=${kubernetesVersion}`,
  ],
};

/** The builds of Kubernetes' programs, of what runs in clusters, and of Helm. Programs that are always needed together share a build. */
const builds = {
  kubectl: {
    ...kubernetes,
    name: 'kubectl',
    packages: { kubectl: 'k8s.io/kubernetes/cmd/kubectl' },
    takes: 'about two minutes on two cores',
  },
  'kube-apiserver': {
    ...kubernetes,
    name: 'kube-apiserver',
    packages: { 'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver' },
    takes: 'about six minutes on two cores',
  },
  controllers: {
    ...kubernetes,
    name: 'kubernetes-controllers',
    packages: {
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
    },
    takes: 'about three minutes on two cores',
  },
  nodes: {
    ...kubernetes,
    name: 'kubernetes-nodes',
    packages: {
      kubelet: 'k8s.io/kubernetes/cmd/kubelet',
      'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
    },
    takes: 'about six minutes on two cores',
  },
  coredns: {
    name: 'coredns',
    module: 'github.com/coredns/coredns',
    version: `v${versions.coredns}`,
    packages: { coredns: 'github.com/coredns/coredns' },
    takes: 'about three minutes on two cores',
  },
  'kube-router': {
    name: 'kube-router',
    module: 'github.com/cloudnativelabs/kube-router/v2',
    version: `v${versions['kube-router']}`,
    packages: { 'kube-router': 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router' },
    takes: 'about three minutes on two cores',
  },
  dapr: {
    name: 'dapr-control-plane',
    module: 'github.com/dapr/dapr',
    version: `v${versions.daprdSource}`,
    packages: {
      'dapr-operator': 'github.com/dapr/dapr/cmd/operator',
      'dapr-sentry': 'github.com/dapr/dapr/cmd/sentry',
      'dapr-injector': 'github.com/dapr/dapr/cmd/injector',
    },
    linkerFlags: [`-X github.com/dapr/dapr/pkg/buildinfo.version=${versions.daprdSource}`],
    takes: 'about three minutes on two cores',
  },
  etcd: {
    name: 'etcd',
    module: 'go.etcd.io/etcd/server/v3',
    version: `v${versions.etcd}`,
    packages: { etcd: 'go.etcd.io/etcd/server/v3' },
    takes: 'about a minute on two cores',
  },
  keda: {
    name: 'keda',
    module: 'github.com/kedacore/keda/v2',
    version: `v${versions.keda}`,
    packages: {
      'keda-operator': 'github.com/kedacore/keda/v2/cmd/operator',
      'keda-adapter': 'github.com/kedacore/keda/v2/cmd/adapter',
      'keda-webhooks': 'github.com/kedacore/keda/v2/cmd/webhooks',
    },
    takes: 'about ten minutes on two cores',
  },
  argocd: {
    name: 'argocd',
    module: 'github.com/argoproj/argo-cd/v3',
    version: `v${versions.argocd}`,
    packages: { argocd: 'github.com/argoproj/argo-cd/v3/cmd' },
    linkerFlags: [`-X github.com/argoproj/argo-cd/v3/common.version=${versions.argocd}`],
    takes: 'about eight minutes on two cores',
  },
  kustomize: {
    name: 'kustomize',
    module: 'sigs.k8s.io/kustomize/kustomize/v5',
    version: `v${versions.kustomize}`,
    packages: { kustomize: 'sigs.k8s.io/kustomize/kustomize/v5' },
    linkerFlags: [`-X sigs.k8s.io/kustomize/api/provenance.version=v${versions.kustomize}`],
    takes: 'about a minute on two cores',
  },
  prometheus: {
    name: 'prometheus',
    module: 'github.com/prometheus/prometheus',
    // Version 3.13.0 of the program is version 0.313.0 of the module.
    version: versions.prometheus.replace(/^3\.(\d+)/, (_, minor: string) => `v0.3${minor.padStart(2, '0')}`),
    packages: { prometheus: 'github.com/prometheus/prometheus/cmd/prometheus' },
    // It finds pods, and nothing in any cloud.
    tags: ['remove_all_sd', 'enable_kubernetes_sd'],
    linkerFlags: [`-X github.com/prometheus/common/version.Version=${versions.prometheus}`],
    takes: 'about five minutes on two cores',
  },
  jaeger: {
    name: 'jaeger',
    module: 'github.com/jaegertracing/jaeger',
    version: `v${versions.jaegerSource}`,
    packages: { jaeger: 'github.com/jaegertracing/jaeger/cmd/jaeger' },
    takes: 'about eight minutes on two cores',
  },
  'metrics-server': {
    name: 'metrics-server',
    module: 'sigs.k8s.io/metrics-server',
    version: `v${versions['metrics-server']}`,
    packages: { 'metrics-server': 'sigs.k8s.io/metrics-server/cmd/metrics-server' },
    takes: 'about two minutes on two cores',
  },
  kwok: {
    name: 'kwok',
    module: 'sigs.k8s.io/kwok',
    version: `v${versions.kwok}`,
    packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
    takes: 'about two minutes on two cores',
  },
  helm: {
    name: 'helm',
    module: 'helm.sh/helm/v4',
    version: `v${versions.helm}`,
    packages: { helm: 'helm.sh/helm/v4/cmd/helm' },
    takes: 'about five minutes on two cores',
  },
} satisfies Record<string, GoPrograms>;

/** The build of each program. */
const buildOf = {
  kubectl: builds.kubectl,
  'kube-apiserver': builds['kube-apiserver'],
  'kube-controller-manager': builds.controllers,
  'kube-scheduler': builds.controllers,
  kubelet: builds.nodes,
  'kube-proxy': builds.nodes,
  coredns: builds.coredns,
  'kube-router': builds['kube-router'],
  'dapr-operator': builds.dapr,
  'dapr-sentry': builds.dapr,
  'dapr-injector': builds.dapr,
  etcd: builds.etcd,
  'keda-operator': builds.keda,
  'keda-adapter': builds.keda,
  'keda-webhooks': builds.keda,
  argocd: builds.argocd,
  kustomize: builds.kustomize,
  prometheus: builds.prometheus,
  jaeger: builds.jaeger,
  'metrics-server': builds['metrics-server'],
  kwok: builds.kwok,
  helm: builds.helm,
} satisfies Record<string, GoPrograms>;

export type KubernetesProgram = keyof typeof buildOf;

/** Resolves to the path of a program. Builds it as `obtainGoPrograms` does, and rejects for the same reasons. */
export async function obtainKubernetesProgram(program: KubernetesProgram): Promise<string> {
  return obtainGoProgram(buildOf[program], program);
}
