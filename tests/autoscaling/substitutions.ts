import { versions } from '@unity-purchase/tools';
import type { Manifest } from '../kubernetes/rendering/render.js';
import type { Settings } from './settings.js';

/** The addresses of a run's real servers. */
export type Addresses = { prometheus: string; kafka: string };

/** A rendered value that a run replaces. */
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
 * Points ScaledObjects at the real servers of this machine, in place, and returns the changes: addresses, their encryption,
 * and the windows that a quick run shortens. Throws if a value to replace is missing, because the run would then test
 * something else than production.
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
      if (rendered === undefined) throw new Error(`${where} has no ${key} to replace`);
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
          throw new Error(`${where} has a trigger for ${trigger.type}, which does not run here`);
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
 * The Secrets that Deployments read environment variables from, with fake values instead of those from External Secrets.
 * KEDA reads them although no trigger needs them, and creates no autoscaler if one is missing.
 */
export function fakeSecrets(deployments: readonly Manifest[]): {
  secrets: Manifest[];
  substitutions: Substitution[];
} {
  const values = new Map<string, Record<string, string>>();
  for (const { spec } of deployments)
    for (const { env = [] } of (spec as PodTemplate).template.spec.containers)
      for (const { valueFrom } of env) {
        const secret = valueFrom?.secretKeyRef;
        if (secret === undefined) continue;
        values.set(secret.name, { ...values.get(secret.name), [secret.key]: 'fake' });
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
      rendered: 'fetched by External Secrets',
      used: 'fake values',
    })),
  };
}

/**
 * Adds a sidecar to the pods of Deployments, in place, like Dapr's injector, which does not run here. The admission policy
 * refuses pods without a sidecar.
 */
export function addSidecars(deployments: readonly Manifest[]): Substitution[] {
  return deployments.map(({ metadata, spec }) => {
    const pod = (spec as PodTemplate).template.spec;
    pod.initContainers = [...(pod.initContainers ?? []), sidecar];
    return {
      where: `Deployment ${metadata.name}`,
      what: 'initContainers',
      rendered: 'added by Dapr’s injector',
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
