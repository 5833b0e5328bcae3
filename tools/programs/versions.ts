/** Every version of what is run but not installed by npm, in one place. */
export const versions = {
  /** Not 1.18.3: its dependencies cannot all be had from the Go module proxy, so it could not be built. */
  daprd: '1.18.2',
  /** The CLI, which only `dapr run -f .` needs. Not 1.18.0: it cannot be built from the Go module proxy. */
  dapr: '1.16.5',
  'nats-server': '2.15.2',
  /** Speaks MongoDB's protocol in front of PostgreSQL with DocumentDB: no package registry has MongoDB itself. */
  ferretdb: '2.7.0',
  kafka: '4.3.1',
  /** What the manifests are proved against: kubectl, and an API server without nodes. */
  kubernetes: '1.36.1',
  /** What the API server keeps its objects in. */
  etcd: '3.6.5',
  keda: '2.20.2',
  /** Renders charts that can be had without their repository. */
  helm: '4.1.4',
  /** Acts as the nodes of a Kubernetes that has none. */
  kwok: '0.8.0',
  /** Only its definitions of resources. */
  'prometheus-operator': '0.93.1',
  /** A registry for images: what a release is rehearsed against. */
  registry: '3.1.2',
  /** What reads the workflows. */
  actionlint: '1.7.12',
  /** Checks our prose. Not 3.23.0 or later: one of its dependencies is not on the Go module proxy. */
  vale: '3.22.0',
  /** Where Kafka's log goes: the newest that its slf4j 1.7 can use. */
  log4j: '2.25.3',
  /** Kafka 4 needs it. */
  javaMinimum: '17',
  /** The oldest Go that builds all of them: the `go` line of daprd's go.mod. */
  goMinimum: '1.26.5',
} as const;

/** Every program that `obtainTool` knows. */
export type ToolName = 'daprd' | 'nats-server' | 'ferretdb' | 'dapr';

/** What the system itself needs where nothing else is asked for. */
export const toolNames = ['daprd', 'nats-server'] as const satisfies readonly ToolName[];
