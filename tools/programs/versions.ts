/** The versions of all programs that npm does not install. */
export const versions = {
  /** The release that is downloaded, and that clusters run. */
  daprd: '1.18.3',
  /**
   * The version that is built where the release cannot be downloaded. The Go module proxy lacks some dependencies of 1.18.3, so
   * this one is built with its fixes (daprd-patches.ts).
   */
  daprdSource: '1.18.2',
  /** The CLI, required only by `dapr run -f .`. Not 1.18.0, which cannot be built from the Go module proxy. */
  dapr: '1.16.5',
  'nats-server': '2.15.2',
  /** Serves MongoDB's protocol on top of PostgreSQL with DocumentDB: MongoDB itself is in no package registry. */
  ferretdb: '2.7.0',
  kafka: '4.3.1',
  /** kubectl and an API server without nodes, which the tests of the manifests use. */
  kubernetes: '1.36.1',
  /** The API server's storage. */
  etcd: '3.6.5',
  keda: '2.20.2',
  /** All of Argo CD's servers, in one program. Later versions cannot be built from the Go module proxy. */
  argocd: '3.2.11',
  /** The cluster DNS of real nodes. */
  coredns: '1.14.6',
  /** Enforces network policies on real nodes. Later versions cannot be built from the Go module proxy. */
  'kube-router': '2.1.0',
  /** With it, Argo CD renders overlays. */
  kustomize: '5.7.1',
  /** Finds pods by itself, which Debian's cannot. */
  prometheus: '3.13.0',
  /** Its program is version 2.13.0. Later versions cannot be built from the Go module proxy. */
  jaegerSource: '1.76.0',
  /** Tells how much memory and processor time pods take. */
  'metrics-server': '0.8.0',
  /** Renders the charts that are available without their repository. */
  helm: '4.1.4',
  /** Simulates nodes in a Kubernetes cluster without any. */
  kwok: '0.8.0',
  /** Only its custom resource definitions are used. */
  'prometheus-operator': '0.93.1',
  /** The image registry that release tests run against. */
  registry: '3.1.2',
  /** The client of image registries that releases use. */
  crane: '0.22.1',
  /** Checks the workflows. */
  actionlint: '1.7.12',
  /** Checks our prose. Not 3.23.0 or later: one of its dependencies is not on the Go module proxy. */
  vale: '3.22.0',
  /** Kafka's logging backend: the newest version that supports its slf4j 1.7. */
  log4j: '2.25.3',
  /** Required by Kafka 4. */
  javaMinimum: '17',
  /** The oldest Go that builds all programs: the `go` line of daprd's go.mod. */
  goMinimum: '1.26.5',
} as const;

/** The programs that `obtainTool` obtains. */
export type ToolName = 'daprd' | 'nats-server' | 'ferretdb' | 'dapr';

/** The programs that the system needs by default. */
export const toolNames = ['daprd', 'nats-server'] as const satisfies readonly ToolName[];
