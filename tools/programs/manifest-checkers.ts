import { join } from 'node:path';
import { projectRoot } from '../project-root.js';
import { goModuleFolder, type GoModule } from './go-modules.js';
import { obtainGoProgram } from './go-programs.js';
import { obtainLocalGoProgram } from './local-go-programs.js';
import { versions } from './versions.js';

/** Judges manifests with the code of the API server itself, and with schemas that are built in: no cluster, no network. */
export async function obtainKubectlValidate(): Promise<string> {
  return obtainGoProgram({
    name: 'kubectl-validate',
    module: 'sigs.k8s.io/kubectl-validate',
    // Its last tag knows nothing newer than Kubernetes 1.30; this knows 1.35.
    version: 'v0.0.5-0.20260105161640-a97ccfaca20b',
    packages: { 'kubectl-validate': 'sigs.k8s.io/kubectl-validate' },
    takes: 'about two minutes on two cores',
  });
}

/** Says what Dapr's injector makes of a Deployment's pod, and whether Pod Security lets it in. */
export async function obtainPodAsInjected(): Promise<string> {
  return obtainLocalGoProgram({
    folder: join(projectRoot, 'tests', 'kubernetes', 'go', 'pod-as-injected'),
    takes: 'about four minutes on two cores',
  });
}

/** Prints the Go types of the parameters that KEDA's scalers read, from KEDA's source files. */
export async function obtainKedaParameters(): Promise<string> {
  return obtainLocalGoProgram({
    folder: join(projectRoot, 'tests', 'kubernetes', 'go', 'keda-parameters'),
    takes: 'a few seconds',
  });
}

/**
 * Where the schemas of what is not built into Kubernetes are published, and what else upstream says in files. Versions are
 * those that `k8s/infrastructure` installs, or the nearest that the Go module proxy has.
 */
const upstream = {
  keda: { module: 'github.com/kedacore/keda/v2', version: `v${versions.keda}` },
  /** Dapr's chart and its CRDs. */
  dapr: { module: 'github.com/dapr/dapr', version: 'v1.18.3' },
  /** What daprd 1.18.3 is built with. */
  'dapr-components': { module: 'github.com/dapr/components-contrib', version: 'v1.18.4' },
  /** Not 3.5.1, which the proxy does not have. */
  'argo-cd': { module: 'github.com/argoproj/argo-cd/v3', version: 'v3.2.12' },
  'prometheus-operator': {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: `v${versions['prometheus-operator']}`,
  },
  /** Not 2.9.0, which the proxy does not have. Both serve external-secrets.io/v1. */
  'external-secrets': { module: 'github.com/external-secrets/external-secrets', version: 'v1.3.2' },
  'cert-manager': { module: 'github.com/cert-manager/cert-manager', version: 'v1.20.2' },
  'gateway-api': { module: 'sigs.k8s.io/gateway-api', version: 'v1.5.1' },
  kyverno: { module: 'github.com/kyverno/kyverno', version: 'v1.19.0' },
  /** Its successor mongodb-kubernetes, which serves the same mongodbcommunity.mongodb.com/v1, is not on the proxy. */
  mongodb: { module: 'github.com/mongodb/mongodb-kubernetes-operator', version: 'v0.13.0' },
  nack: { module: 'github.com/nats-io/nack', version: 'v0.16.2' },
  'rabbitmq-topology': { module: 'github.com/rabbitmq/messaging-topology-operator', version: 'v1.17.4' },
} satisfies Record<string, GoModule>;

export type Upstream = keyof typeof upstream;

/** All of them. */
export const upstreams = Object.keys(upstream) as Upstream[];

/** Resolves to the folder with the files of one of them. Rejects as `goModuleFolder` does. */
export async function upstreamFolder(name: Upstream): Promise<string> {
  return goModuleFolder(upstream[name]);
}
