import type { Manifest } from '../rendering/render.js';

/** A promise that every rendered overlay keeps. */
export type Policy = {
  promise: string;
  /** Describes each violation. Empty if the promise is kept. */
  violations: (objects: readonly Manifest[]) => string[];
  /** Breaks the promise in a render, so that the test can prove that `violations` notices. */
  violate: (objects: Manifest[]) => void;
};

/** A Deployment in our manifests, reduced to the fields that tests read. */
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

type SeccompProfile = { type: string };

type PodSpec = {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds: number;
  securityContext?: { seccompProfile?: SeccompProfile };
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
  securityContext?: { seccompProfile?: SeccompProfile };
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
  resources: { requests?: Record<string, string>; limits?: Record<string, string> };
};

export type EnvironmentVariable = {
  name: string;
  value?: string;
  valueFrom?: {
    secretKeyRef?: { name: string; key: string };
    configMapKeyRef?: { name: string; key: string; optional?: boolean };
  };
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

/** A Dapr component. */
export type DaprComponent = Manifest & {
  scopes?: string[];
  spec: {
    type: string;
    metadata: { name: string; value?: string; secretKeyRef?: { name: string; key: string } }[];
  };
};

/** The objects of a kind, with the type that the caller expects. Other tests validate the schemas. */
export function ofKind<T extends Manifest>(objects: readonly Manifest[], kind: string): T[] {
  return objects.filter((object) => object.kind === kind) as T[];
}

/** The object of a kind and name, with the type that the caller expects. Throws if it is missing. */
export function named<T extends Manifest>(objects: readonly Manifest[], kind: T['kind'], name: string): T {
  const found = ofKind<T>(objects, kind).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}

export const deploymentsIn = (objects: readonly Manifest[]): Deployment[] => ofKind(objects, 'Deployment');

export const scaledObjectsIn = (objects: readonly Manifest[]): ScaledObject[] =>
  ofKind(objects, 'ScaledObject');

/** The Dapr components. Kustomize components are not part of a render. */
export const daprComponentsIn = (objects: readonly Manifest[]): DaprComponent[] =>
  ofKind(objects, 'Component');

/** The value of a key in a component's metadata. */
export function metadataOf(component: DaprComponent, name: string): string | undefined {
  return component.spec.metadata.find((entry) => entry.name === name)?.value;
}

/** The only container in a Deployment's manifest. The sidecar is injected later. */
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

/** Collects the violations of all Deployments, prefixed with their names. */
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

/** An amount of memory in MiB, from Kubernetes' `512Mi` or Go's `230MiB`. Throws for another unit. */
export function mebibytes(quantity: string | undefined): number {
  const number = /^(\d+)Mi(?:B)?$/.exec(quantity ?? '')?.[1];
  if (number === undefined) throw new Error(`${quantity ?? 'nothing'} is not an amount in MiB`);
  return Number(number);
}
