import { join } from 'node:path';
import { projectRoot } from '../project-root.js';
import { goModuleFolder, type GoModule } from './go-modules.js';
import { obtainGoProgram } from './go-programs.js';
import { obtainLocalGoProgram } from './local-go-programs.js';
import { versions } from './versions.js';

/** Obtains kubectl-validate, which validates manifests with the API server's code, without a cluster or network. */
export async function obtainKubectlValidate(): Promise<string> {
  return obtainGoProgram({
    name: 'kubectl-validate',
    module: 'sigs.k8s.io/kubectl-validate',
    // Its last tag supports Kubernetes up to 1.30, this commit up to 1.35.
    version: 'v0.0.5-0.20260105161640-a97ccfaca20b',
    packages: { 'kubectl-validate': 'sigs.k8s.io/kubectl-validate' },
    takes: 'about two minutes on two cores',
  });
}

/** Obtains our program that applies Dapr's injector to the pod of a Deployment, and checks it against Pod Security. */
export async function obtainPodAsInjected(): Promise<string> {
  return obtainLocalGoProgram({
    folder: join(projectRoot, 'tests', 'kubernetes', 'go', 'pod-as-injected'),
    takes: 'about four minutes on two cores',
  });
}

/** Prints facts about Go files: tagged struct fields, string literals and calls. Tests read upstream's sources with it. */
export async function obtainSourceOutline(): Promise<string> {
  return obtainLocalGoProgram({
    folder: join(projectRoot, 'tests', 'kubernetes', 'go', 'source-outline'),
    takes: 'a few seconds',
  });
}

/**
 * The Go modules that contain custom resource definitions, charts and other files of upstream projects. The versions are those
 * that `k8s/infrastructure` installs, or the nearest ones on the Go module proxy.
 */
const upstream = {
  keda: { module: 'github.com/kedacore/keda/v2', version: `v${versions.keda}` },
  /** Dapr's chart and its CRDs. */
  dapr: { module: 'github.com/dapr/dapr', version: 'v1.18.3' },
  /** The version that daprd 1.18.3 is built with. */
  'dapr-components': { module: 'github.com/dapr/components-contrib', version: 'v1.18.4' },
  /** Not 3.5.1, which the proxy lacks. */
  'argo-cd': { module: 'github.com/argoproj/argo-cd/v3', version: 'v3.2.12' },
  'prometheus-operator': {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: `v${versions['prometheus-operator']}`,
  },
  /** Not 2.9.0, which the proxy lacks. Both serve external-secrets.io/v1. */
  'external-secrets': { module: 'github.com/external-secrets/external-secrets', version: 'v1.3.2' },
  'gateway-api': { module: 'sigs.k8s.io/gateway-api', version: 'v1.5.1' },
  kyverno: { module: 'github.com/kyverno/kyverno', version: 'v1.19.0' },
  /** Not its successor mongodb-kubernetes, which the proxy lacks. Both serve mongodbcommunity.mongodb.com/v1. */
  mongodb: { module: 'github.com/mongodb/mongodb-kubernetes-operator', version: 'v0.13.0' },
  'metrics-server': { module: 'sigs.k8s.io/metrics-server', version: `v${versions['metrics-server']}` },
  nack: { module: 'github.com/nats-io/nack', version: 'v0.16.2' },
  'rabbitmq-topology': { module: 'github.com/rabbitmq/messaging-topology-operator', version: 'v1.17.4' },
} satisfies Record<string, GoModule>;

export type Upstream = keyof typeof upstream;

/** The names of all upstream projects. */
export const upstreams = Object.keys(upstream) as Upstream[];

/** Resolves to the folder with the files of an upstream project. Rejects as `goModuleFolder` does. */
export async function upstreamFolder(name: Upstream): Promise<string> {
  return goModuleFolder(upstream[name]);
}
