import type { Manifest } from '../rendering/render.js';

/** Something that every rendered overlay promises. */
export type Policy = {
  /** The promise, in words. */
  promise: string;
  /** What is wrong, in words; nothing where all is well. */
  violations: (objects: readonly Manifest[]) => string[];
  /** Breaks the promise in a render: the policy must say so, or it is asleep. */
  broken: (objects: Manifest[]) => void;
};

/** The part of a Deployment that policies look at. */
export type Deployment = Manifest & {
  spec: {
    replicas?: number;
    minReadySeconds?: number;
    progressDeadlineSeconds?: number;
    revisionHistoryLimit?: number;
    strategy?: { rollingUpdate?: { maxSurge?: number; maxUnavailable?: number } };
    selector: { matchLabels: Record<string, string> };
    template: {
      metadata: { labels: Record<string, string>; annotations: Record<string, string> };
      spec: PodSpec;
    };
  };
};

export type PodSpec = {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds: number;
  topologySpreadConstraints?: { topologyKey: string; matchLabelKeys?: string[] }[];
  volumes?: { name: string; secret?: { secretName: string } }[];
  containers: [Container];
};

export type Container = {
  name: string;
  image: string;
  ports: { name: string; containerPort: number }[];
  env: EnvironmentVariable[];
  envFrom?: { configMapRef: { name: string } }[];
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
  resources: { requests?: Record<string, string>; limits?: Record<string, string> };
};

export type EnvironmentVariable = {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef: { name: string; key: string } };
};

type Probe = {
  httpGet: { path: string; port: string };
  periodSeconds: number;
  failureThreshold: number;
};

export type ScaledObject = Manifest & {
  spec: {
    scaleTargetRef: { name: string };
    minReplicaCount: number;
    maxReplicaCount: number;
    fallback?: { behavior: string; replicas: number; failureThreshold: number };
    advanced: { horizontalPodAutoscalerConfig: { name: string } };
    triggers: [
      {
        type: string;
        name: string;
        metricType: string;
        authenticationRef?: { name: string };
        metadata: Record<string, string>;
      },
    ];
  };
};

/** A component of Dapr. */
export type DaprComponent = Manifest & {
  scopes?: string[];
  spec: {
    type: string;
    metadata: { name: string; value?: string; secretKeyRef?: { name: string; key: string } }[];
  };
};

/** The objects of a kind. The caller knows the shape: schemas are proved elsewhere. */
export function ofKind<T extends Manifest>(objects: readonly Manifest[], kind: string): T[] {
  return objects.filter((object) => object.kind === kind) as T[];
}

/** The object of that kind and name. Throws where there is none. The caller knows the shape. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export function named<T extends Manifest>(objects: readonly Manifest[], kind: string, name: string): T {
  const found = ofKind<T>(objects, kind).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

export const deploymentsIn = (objects: readonly Manifest[]): Deployment[] => ofKind(objects, 'Deployment');

export const scaledObjectsIn = (objects: readonly Manifest[]): ScaledObject[] =>
  ofKind(objects, 'ScaledObject');

/** Of Dapr's components: kustomize's own are no objects of a cluster. */
export const componentsIn = (objects: readonly Manifest[]): DaprComponent[] => ofKind(objects, 'Component');

/** A value in a component's metadata. */
export function metadataOf(component: DaprComponent, name: string): string | undefined {
  return component.spec.metadata.find((entry) => entry.name === name)?.value;
}

/** The only container that a Deployment has written down; its sidecar is injected. */
export function containerOf(deployment: Deployment): Container {
  return deployment.spec.template.spec.containers[0];
}

/** The value of an environment variable of a Deployment's container. */
export function variable(deployment: Deployment, name: string): string | undefined {
  return containerOf(deployment).env.find((entry) => entry.name === name)?.value;
}

/** An annotation of a Deployment's pods. */
export function annotation(deployment: Deployment, name: string): string | undefined {
  return deployment.spec.template.metadata.annotations[name];
}

/** What every Deployment has wrong, each with its name before it. */
export function eachDeployment(
  violations: (deployment: Deployment, objects: readonly Manifest[]) => (string | false)[],
): Policy['violations'] {
  return (objects) =>
    deploymentsIn(objects).flatMap((deployment) =>
      violations(deployment, objects)
        .filter((text) => text !== false)
        .map((text) => `${deployment.metadata.name}: ${text}`),
    );
}

/** A quantity of memory, in MiB: Kubernetes' `512Mi` and Go's `230MiB`. Throws for another unit. */
export function mebibytes(quantity: string | undefined): number {
  const number = /^(\d+)Mi(?:B)?$/.exec(quantity ?? '')?.[1];
  if (number === undefined) throw new Error(`${quantity ?? 'nothing'} is no number of MiB`);
  return Number(number);
}
