import { versions } from '@unity-purchase/tools';
import type { Manifest } from '../kubernetes/rendering/render.js';
import type { Settings } from './settings.js';

/** Where the real servers of a run listen. */
export type Addresses = { prometheus: string; kafka: string };

/** One thing that a run does not use as it is rendered. */
export type Substitution = { where: string; what: string; rendered: string; used: string };

type Trigger = { type: string; metadata: Record<string, string>; authenticationRef?: { name: string } };

type ScaledObjectSpec = {
  triggers: Trigger[];
  advanced: {
    horizontalPodAutoscalerConfig: {
      behavior: {
        scaleDown: { stabilizationWindowSeconds: number; policies: { periodSeconds: number }[] };
      };
    };
  };
};

/**
 * Makes ScaledObjects look where the real servers of this machine are, in place, and tells what it changed: addresses, the
 * encryption that goes with them, and the windows that a quick run shortens. Throws where there is nothing to change,
 * because then something else would be tried than what is deployed.
 */
export function substitute(
  scaledObjects: readonly Manifest[],
  addresses: Addresses,
  { scaleDown }: Settings,
): Substitution[] {
  const done: Substitution[] = [];
  for (const { metadata, spec } of scaledObjects) {
    const { triggers, advanced } = spec as ScaledObjectSpec;
    const where = `ScaledObject ${metadata.name}`;
    const replace = (at: Record<string, unknown>, key: string, used: string | number | undefined): void => {
      const rendered = at[key];
      if (rendered === undefined) throw new Error(`${where} has no ${key} to be replaced`);
      if (used === undefined) Reflect.deleteProperty(at, key);
      else at[key] = used;
      const text = typeof rendered === 'string' ? rendered : JSON.stringify(rendered);
      done.push({ where, what: key, rendered: text, used: used === undefined ? 'left out' : String(used) });
    };
    for (const trigger of triggers)
      switch (trigger.type) {
        case 'prometheus':
          replace(trigger.metadata, 'serverAddress', addresses.prometheus);
          break;
        case 'kafka':
          replace(trigger.metadata, 'bootstrapServers', addresses.kafka);
          replace(trigger.metadata, 'tls', 'disable');
          replace(trigger, 'authenticationRef', undefined);
          break;
        default:
          throw new Error(`${where} asks a ${trigger.type}, which does not run here`);
      }
    if (scaleDown === undefined) continue;
    const rendered = advanced.horizontalPodAutoscalerConfig.behavior.scaleDown;
    replace(rendered, 'stabilizationWindowSeconds', scaleDown.stabilizationWindowSeconds);
    for (const policy of rendered.policies) replace(policy, 'periodSeconds', scaleDown.periodSeconds);
  }
  return done;
}

type PodTemplate = {
  template: {
    spec: {
      initContainers?: object[];
      containers: {
        env?: { valueFrom?: { secretKeyRef?: { name: string; key: string } } }[];
      }[];
    };
  };
};

/**
 * The Secrets that Deployments take environment variables from, which External Secrets would make: KEDA reads them although
 * no trigger needs one, and makes no autoscaler where one is missing.
 */
export function madeUpSecrets(deployments: readonly Manifest[]): {
  secrets: Manifest[];
  substitutions: Substitution[];
} {
  const values = new Map<string, Record<string, string>>();
  for (const { spec } of deployments)
    for (const { env = [] } of (spec as PodTemplate).template.spec.containers)
      for (const { valueFrom } of env) {
        const secret = valueFrom?.secretKeyRef;
        if (secret === undefined) continue;
        values.set(secret.name, { ...values.get(secret.name), [secret.key]: 'made-up' });
      }
  const namespace = deployments[0]?.metadata.namespace;
  return {
    secrets: [...values].map(([name, stringData]) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, ...(namespace !== undefined && { namespace }) },
      stringData,
    })),
    substitutions: [...values.keys()].map((name) => ({
      where: `Secret ${name}`,
      what: 'data',
      rendered: 'what External Secrets fetches',
      used: 'made up',
    })),
  };
}

/**
 * Adds a sidecar to the pods of Deployments, in place, as Dapr's injector does: it does not run here, and pods of the
 * services are not let in without one.
 */
export function addSidecars(deployments: readonly Manifest[]): Substitution[] {
  return deployments.map(({ metadata, spec }) => {
    const pod = (spec as PodTemplate).template.spec;
    pod.initContainers = [...(pod.initContainers ?? []), sidecar];
    return {
      where: `Deployment ${metadata.name}`,
      what: 'initContainers',
      rendered: 'what Dapr’s injector adds',
      used: 'a container of the same name',
    };
  });
}

const sidecar = {
  name: 'daprd',
  image: `ghcr.io/dapr/daprd:${versions.daprd}`,
  restartPolicy: 'Always',
  securityContext: {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
};
