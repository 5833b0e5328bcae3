import {
  annotation,
  containerOf,
  deploymentsIn,
  eachDeployment,
  mebibytes,
  named,
  variable,
  type Deployment,
  type Policy,
} from './policy.js';
import type { Manifest } from '../rendering/render.js';

/** A start can take this long: the sidecar waits 60 s for its broker, the service 90 s for its sidecar. */
const startSecondsMin = 150;

const first = (objects: Manifest[]): Deployment => {
  const [deployment] = deploymentsIn(objects);
  if (deployment === undefined) throw new Error('no Deployment');
  return deployment;
};

/** What the pods of both services must have. */
export const workloadPolicies: readonly Policy[] = [
  {
    promise: 'each of the two services has its own account and disruption budget',
    violations: (objects) => {
      const names = deploymentsIn(objects).map(({ metadata }) => metadata.name);
      const expected = ['purchase-service', 'storefront'];
      return [
        ...(names.sort().join() === expected.join() ? [] : [`Deployments are ${names.join()}`]),
        ...expected.flatMap((name) => [
          ...missing(objects, 'ServiceAccount', name),
          ...missing(objects, 'PodDisruptionBudget', name),
        ]),
      ];
    },
    violate: (objects) => {
      objects.splice(objects.indexOf(named(objects, 'PodDisruptionBudget', 'storefront')), 1);
    },
  },
  {
    promise: 'only KEDA sets the number of pods',
    violations: eachDeployment(({ spec }) => [spec.replicas !== undefined && 'sets replicas']),
    violate: (objects) => {
      first(objects).spec.replicas = 2;
    },
  },
  {
    promise: 'a rolling update keeps all pods until new ones are ready, and fails after a deadline',
    violations: eachDeployment(({ spec }) => [
      spec.strategy?.rollingUpdate?.maxUnavailable !== 0 && 'maxUnavailable is not 0',
      (spec.minReadySeconds ?? 0) < 1 && 'no minReadySeconds',
      (spec.progressDeadlineSeconds ?? 0) < startSecondsMin && 'fails before a slow start can finish',
      spec.revisionHistoryLimit === undefined && 'keeps ten old revisions',
    ]),
    violate: (objects) => {
      first(objects).spec.strategy = { rollingUpdate: { maxUnavailable: 1 } };
    },
  },
  {
    promise: 'startup, liveness and readiness have separate probes',
    violations: eachDeployment((deployment) => {
      const { startupProbe, livenessProbe, readinessProbe, ports } = containerOf(deployment);
      const known = ports.map(({ name }) => name);
      return [
        startupProbe === undefined && 'no startup probe',
        livenessProbe?.httpGet.path !== '/health/live' && 'the liveness probe is not /health/live',
        readinessProbe?.httpGet.path !== '/health/ready' && 'the readiness probe is not /health/ready',
        (startupProbe?.periodSeconds ?? 0) * (startupProbe?.failureThreshold ?? 0) < startSecondsMin &&
          `has less than ${startSecondsMin} s to start`,
        ...[startupProbe, livenessProbe, readinessProbe].map(
          (probe) => !known.includes(probe?.httpGet.port ?? '') && 'a probe uses an unknown port',
        ),
      ];
    }),
    violate: (objects) => {
      const { livenessProbe } = containerOf(first(objects));
      if (livenessProbe !== undefined) livenessProbe.httpGet.path = '/health';
    },
  },
  {
    promise:
      'the grace period is longer than the wait before the stop, the stop, and the stop of the sidecar',
    violations: eachDeployment((deployment) => {
      const wait = containerOf(deployment).lifecycle?.preStop?.sleep?.seconds ?? 0;
      const stop =
        (Number(variable(deployment, 'SHUTDOWN_DELAY_MS')) +
          Number(variable(deployment, 'SHUTDOWN_DEADLINE_MS'))) /
        1_000;
      const sidecar = Number(annotation(deployment, 'dapr.io/graceful-shutdown-seconds'));
      const grace = deployment.spec.template.spec.terminationGracePeriodSeconds;
      return [
        wait < 5 && 'load balancers have less than 5 s to notice the stop',
        !(grace > wait + stop + sidecar) && `${grace} s is not more than ${wait} + ${stop} + ${sidecar} s`,
      ];
    }),
    violate: (objects) => {
      first(objects).spec.template.spec.terminationGracePeriodSeconds = 35;
    },
  },
  {
    promise: 'service and sidecar have a memory limit, and keep their heap below it',
    violations: eachDeployment((deployment) => {
      const { requests, limits } = containerOf(deployment).resources;
      const limit = mebibytes(limits?.['memory']);
      const heap = Number(/--max-old-space-size=(\d+)/.exec(variable(deployment, 'NODE_OPTIONS') ?? '')?.[1]);
      const sidecarLimit = mebibytes(annotation(deployment, 'dapr.io/sidecar-memory-limit'));
      const sidecarTarget = mebibytes(
        /GOMEMLIMIT=(\w+)/.exec(annotation(deployment, 'dapr.io/env') ?? '')?.[1],
      );
      return [
        requests?.['cpu'] === undefined && 'has no CPU request',
        requests?.['memory'] === undefined && 'has no memory request',
        limits?.['cpu'] !== undefined && 'has a CPU limit, which delays its event loop',
        heap !== limit * 0.75 && `its heap limit of ${heap} MiB is not three quarters of ${limit} MiB`,
        annotation(deployment, 'dapr.io/sidecar-cpu-request') === undefined &&
          'the sidecar has no CPU request',
        annotation(deployment, 'dapr.io/sidecar-memory-request') === undefined &&
          'the sidecar has no memory request',
        sidecarTarget !== Math.floor(sidecarLimit * 0.9) &&
          `the sidecar’s heap target of ${sidecarTarget} MiB is not nine tenths of ${sidecarLimit} MiB`,
      ];
    }),
    violate: (objects) => {
      first(objects).spec.template.metadata.annotations['dapr.io/sidecar-memory-limit'] = '128Mi';
    },
  },
  {
    promise: 'pods spread over zones and nodes, separately for each version',
    violations: eachDeployment((deployment) => {
      const constraints = deployment.spec.template.spec.topologySpreadConstraints ?? [];
      return ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(
        (key) =>
          !constraints.some(
            ({ topologyKey, matchLabelKeys }) =>
              topologyKey === key && matchLabelKeys?.includes('pod-template-hash') === true,
          ) && `does not spread over ${key}`,
      );
    }),
    violate: (objects) => {
      first(objects).spec.template.spec.topologySpreadConstraints?.pop();
    },
  },
  {
    promise: 'pods have no Kubernetes token, and their account has no permissions',
    violations: eachDeployment((deployment, objects) => {
      const { serviceAccountName = 'default', automountServiceAccountToken } = deployment.spec.template.spec;
      const bound = JSON.stringify(
        objects.filter(({ kind }) => kind.endsWith('RoleBinding')).map((binding) => binding['subjects']),
      );
      return [
        serviceAccountName !== deployment.metadata.name && 'does not use its own account',
        automountServiceAccountToken !== false && 'mounts a token',
        annotation(deployment, 'dapr.io/disable-builtin-k8s-secret-store') !== 'true' &&
          'its sidecar can read Kubernetes Secrets',
        bound.includes(`"${serviceAccountName}"`) && 'has permissions',
      ];
    }),
    violate: (objects) => {
      first(objects).spec.template.spec.automountServiceAccountToken = true;
    },
  },
  {
    promise: 'a disruption removes one pod at a time',
    violations: (objects) =>
      objects
        .filter(({ kind }) => kind === 'PodDisruptionBudget')
        .flatMap((budget) => {
          const spec = budget['spec'] as { maxUnavailable?: number; unhealthyPodEvictionPolicy?: string };
          return [
            ...(spec.maxUnavailable === 1 ? [] : [`${budget.metadata.name} allows more than one disruption`]),
            ...(spec.unhealthyPodEvictionPolicy === 'AlwaysAllow'
              ? []
              : [`${budget.metadata.name} blocks a node for an unhealthy pod`]),
          ];
        }),
    violate: (objects) => {
      (
        named(objects, 'PodDisruptionBudget', 'storefront')['spec'] as { maxUnavailable: number }
      ).maxUnavailable = 2;
    },
  },
];

function missing(objects: readonly Manifest[], kind: string, name: string): string[] {
  const exists = objects.some((object) => object.kind === kind && object.metadata.name === name);
  return exists ? [] : [`no ${kind} ${name}`];
}
