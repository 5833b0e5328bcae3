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

/** Seconds that a pod may take to start: the sidecar waits 60 s for its broker, the service 90 s for its sidecar. */
const startSecondsMin = 150;

const first = (objects: Manifest[]): Deployment => {
  const [deployment] = deploymentsIn(objects);
  if (deployment === undefined) throw new Error('there is no Deployment');
  return deployment;
};

/** The pods that this system writes, and what must be true of each. */
export const workloadPolicies: readonly Policy[] = [
  {
    promise: 'there are the two services, each with an account and a disruption budget of its own',
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
    broken: (objects) => {
      objects.splice(objects.indexOf(named(objects, 'PodDisruptionBudget', 'storefront')), 1);
    },
  },
  {
    promise: 'nobody but KEDA says how many pods there are',
    violations: eachDeployment(({ spec }) => [spec.replicas !== undefined && 'has replicas']),
    broken: (objects) => {
      first(objects).spec.replicas = 2;
    },
  },
  {
    promise: 'a rolling update never has fewer pods than before, and gives up in the end',
    violations: eachDeployment(({ spec }) => [
      spec.strategy?.rollingUpdate?.maxUnavailable !== 0 && 'maxUnavailable is not 0',
      (spec.minReadySeconds ?? 0) < 1 && 'no minReadySeconds',
      (spec.progressDeadlineSeconds ?? 0) < startSecondsMin && 'gives up before a slow start is over',
      spec.revisionHistoryLimit === undefined && 'keeps ten old revisions',
    ]),
    broken: (objects) => {
      first(objects).spec.strategy = { rollingUpdate: { maxUnavailable: 1 } };
    },
  },
  {
    promise: 'live, ready and started are asked in different ways, and live asks for nothing but the process',
    violations: eachDeployment((deployment) => {
      const { startupProbe, livenessProbe, readinessProbe, ports } = containerOf(deployment);
      const known = ports.map(({ name }) => name);
      return [
        startupProbe === undefined && 'no startup probe',
        livenessProbe?.httpGet.path !== '/health/live' && 'is not asked at /health/live',
        readinessProbe?.httpGet.path !== '/health/ready' && 'is not asked at /health/ready',
        (startupProbe?.periodSeconds ?? 0) * (startupProbe?.failureThreshold ?? 0) < startSecondsMin &&
          `is given less than ${startSecondsMin} s to start`,
        ...[startupProbe, livenessProbe, readinessProbe].map(
          (probe) => !known.includes(probe?.httpGet.port ?? '') && 'a probe asks at a port it does not have',
        ),
      ];
    }),
    broken: (objects) => {
      const { livenessProbe } = containerOf(first(objects));
      if (livenessProbe !== undefined) livenessProbe.httpGet.path = '/health';
    },
  },
  {
    promise: 'the grace period has room for the wait before, the stop itself and the end of the sidecar',
    violations: eachDeployment((deployment) => {
      const wait = containerOf(deployment).lifecycle?.preStop?.sleep?.seconds ?? 0;
      const stop =
        (Number(variable(deployment, 'SHUTDOWN_DELAY_MS')) +
          Number(variable(deployment, 'SHUTDOWN_DEADLINE_MS'))) /
        1_000;
      const sidecar = Number(annotation(deployment, 'dapr.io/graceful-shutdown-seconds'));
      const grace = deployment.spec.template.spec.terminationGracePeriodSeconds;
      return [
        wait < 5 && 'balancers have less than 5 s to hear of its end',
        !(grace > wait + stop + sidecar) && `${grace} s are not more than ${wait} + ${stop} + ${sidecar} s`,
      ];
    }),
    broken: (objects) => {
      first(objects).spec.template.spec.terminationGracePeriodSeconds = 35;
    },
  },
  {
    promise: 'memory is bounded for service and sidecar, and both know the bound',
    violations: eachDeployment((deployment) => {
      const { requests, limits } = containerOf(deployment).resources;
      const limit = mebibytes(limits?.['memory']);
      const heap = Number(/--max-old-space-size=(\d+)/.exec(variable(deployment, 'NODE_OPTIONS') ?? '')?.[1]);
      const sidecarLimit = mebibytes(annotation(deployment, 'dapr.io/sidecar-memory-limit'));
      const sidecarAim = mebibytes(/GOMEMLIMIT=(\w+)/.exec(annotation(deployment, 'dapr.io/env') ?? '')?.[1]);
      return [
        requests?.['cpu'] === undefined && 'asks for no processor time',
        requests?.['memory'] === undefined && 'asks for no memory',
        limits?.['cpu'] !== undefined && 'is throttled, which makes its event loop late',
        heap !== limit * 0.75 && `its heap may be ${heap} MiB, which is not three quarters of ${limit} MiB`,
        annotation(deployment, 'dapr.io/sidecar-cpu-request') === undefined &&
          'the sidecar asks for no processor',
        annotation(deployment, 'dapr.io/sidecar-memory-request') === undefined &&
          'the sidecar asks for no memory',
        sidecarAim !== Math.floor(sidecarLimit * 0.9) &&
          `the sidecar aims at ${sidecarAim} MiB, which is not nine tenths of ${sidecarLimit} MiB`,
      ];
    }),
    broken: (objects) => {
      first(objects).spec.template.metadata.annotations['dapr.io/sidecar-memory-limit'] = '128Mi';
    },
  },
  {
    promise: 'pods spread over zones and nodes, and old ones of an update do not count',
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
    broken: (objects) => {
      first(objects).spec.template.spec.topologySpreadConstraints?.pop();
    },
  },
  {
    promise: 'a pod has no token of Kubernetes, and an account that has no rights',
    violations: eachDeployment((deployment, objects) => {
      const { serviceAccountName = 'default', automountServiceAccountToken } = deployment.spec.template.spec;
      const bound = JSON.stringify(
        objects.filter(({ kind }) => kind.endsWith('RoleBinding')).map((binding) => binding['subjects']),
      );
      return [
        serviceAccountName !== deployment.metadata.name && 'uses an account that is not its own',
        automountServiceAccountToken !== false && 'has a token',
        annotation(deployment, 'dapr.io/disable-builtin-k8s-secret-store') !== 'true' &&
          'its sidecar reads any Secret that its account may',
        bound.includes(`"${serviceAccountName}"`) && 'has rights',
      ];
    }),
    broken: (objects) => {
      first(objects).spec.template.spec.automountServiceAccountToken = true;
    },
  },
  {
    promise: 'a disruption leaves one pod at least of the fewest there are',
    violations: (objects) =>
      objects
        .filter(({ kind }) => kind === 'PodDisruptionBudget')
        .flatMap((budget) => {
          const spec = budget['spec'] as { maxUnavailable?: number; unhealthyPodEvictionPolicy?: string };
          return [
            ...(spec.maxUnavailable === 1 ? [] : [`${budget.metadata.name} lets more than one go`]),
            ...(spec.unhealthyPodEvictionPolicy === 'AlwaysAllow'
              ? []
              : [`${budget.metadata.name} keeps a node for a pod that does not work`]),
          ];
        }),
    broken: (objects) => {
      (
        named(objects, 'PodDisruptionBudget', 'storefront')['spec'] as { maxUnavailable: number }
      ).maxUnavailable = 2;
    },
  },
];

function missing(objects: readonly Manifest[], kind: string, name: string): string[] {
  const isThere = objects.some((object) => object.kind === kind && object.metadata.name === name);
  return isThere ? [] : [`there is no ${kind} ${name}`];
}
