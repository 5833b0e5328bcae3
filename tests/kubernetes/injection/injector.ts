import { join } from 'node:path';
import {
  obtainKubernetesProgram,
  obtainPodAsInjected,
  runProgram,
  upstreamFolder,
} from '@unity-purchase/tools';
import { outlineOf } from '../metadata/source-outline.js';
import type { Deployment } from '../policies/policy.js';
import { manifests, manifestsIn, type Manifest } from '../rendering/render.js';

const controlPlaneNamespace = 'dapr-system';

/** The injector's configuration, as its chart renders it from our values. */
export type Injector = { env: Record<string, string>; schedulerEnabled: boolean };

type Variable = {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: { name: string; key: string } };
};

type Probe = { periodSeconds?: number; failureThreshold?: number };

/** A container of an injected pod. */
export type Container = {
  name: string;
  args?: string[];
  env?: Variable[];
  restartPolicy?: string;
  ports?: { name?: string; containerPort: number }[];
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: {
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    runAsNonRoot?: boolean;
    seccompProfile?: { type: string };
    capabilities?: { drop?: string[] };
  };
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
  readinessProbe?: Probe;
  livenessProbe?: Probe;
};

type PodSpec = {
  containers: Container[];
  initContainers?: Container[];
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext?: { seccompProfile?: { type: string } };
  volumes?: { name: string; secret?: { secretName: string } }[];
};

/** A pod after injection, and whether Pod Security admits it at `restricted`. */
export type InjectedPod = {
  deployment: string;
  injected: boolean;
  pod: { metadata: { labels: Record<string, string> }; spec: PodSpec };
  allowed: boolean;
  reasons: string[];
};

/**
 * Renders Dapr's chart with `k8s/infrastructure/dapr/values.yaml` and further settings (`a.b=c`). Rejects with the chart's
 * error message.
 */
export async function injectorAsInstalled(...set: readonly string[]): Promise<Injector> {
  const injector = join('charts', 'dapr_sidecar_injector', 'templates');
  const rendered = await runProgram(await obtainKubernetesProgram('helm'), [
    'template',
    'dapr',
    join(await upstreamFolder('dapr'), 'charts', 'dapr'),
    '--namespace',
    controlPlaneNamespace,
    '--values',
    join(manifests, 'infrastructure', 'dapr', 'values.yaml'),
    '--show-only',
    join(injector, 'dapr_sidecar_injector_deployment.yaml'),
    ...set.flatMap((setting) => ['--set', setting]),
  ]);
  const [deployment] = manifestsIn(rendered) as (Manifest & { spec: { template: { spec: PodSpec } } })[];
  const container = deployment?.spec.template.spec.containers.find(
    ({ name }) => name === 'dapr-sidecar-injector',
  );
  if (container === undefined) throw new Error("Dapr's chart has no injector");
  const env = (container.env ?? []).map(({ name, value }): [string, string] => [
    name,
    // The only variable without a value is the namespace.
    value ?? controlPlaneNamespace,
  ]);
  return {
    env: Object.fromEntries(env),
    schedulerEnabled: container.args?.includes('--scheduler-enabled=true') === true,
  };
}

/** Injects the pods of Deployments with Dapr's own code. Rejects for an invalid Deployment. */
export async function podsAsInjected(
  deployments: readonly Deployment[],
  { env, schedulerEnabled }: Injector,
): Promise<InjectedPod[]> {
  const request = { injector: env, controlPlaneNamespace, schedulerEnabled, deployments };
  const answer = await runProgram(await obtainPodAsInjected(), [], { input: JSON.stringify(request) });
  return JSON.parse(answer) as InjectedPod[];
}

/** The annotations that Dapr's injector reads. It ignores others. */
export async function annotationsOfInjector(): Promise<Set<string>> {
  const file = join(await upstreamFolder('dapr'), 'pkg/injector/patcher/sidecar.go');
  const { fields } = await outlineOf([file], { tag: 'annotation' });
  return new Set(fields.map(({ tag }) => tag));
}
