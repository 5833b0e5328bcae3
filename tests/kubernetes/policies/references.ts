import {
  annotation,
  componentsIn,
  containerOf,
  deploymentsIn,
  eachDeployment,
  named,
  ofKind,
  scaledObjectsIn,
  type Deployment,
  type Policy,
} from './policy.js';
import type { Manifest } from '../rendering/render.js';

type ExternalSecret = Manifest & {
  spec: {
    secretStoreRef?: { name: string };
    target?: { name?: string; template?: { data?: Record<string, string> } };
    data?: { secretKey: string }[];
    dataFrom?: { rewrite?: { regexp: { target: string } }[] }[];
  };
};
type TriggerAuthentication = Manifest & { spec: { secretTargetRef: { name: string; key: string }[] } };
type Service = Manifest & {
  spec: { selector: Record<string, string>; ports: { port: number; targetPort: string }[] };
};
type Selecting = Manifest & { spec: { selector: { matchLabels: Record<string, string> } } };
type PodMonitor = Selecting & {
  spec: { podMetricsEndpoints: { port: string }[]; namespaceSelector?: unknown };
};
type HttpRoute = Manifest & { spec: { rules: { backendRefs: { name: string; port: number }[] }[] } };

/** Whatever names something else names something that is there. */
export const referencePolicies: readonly Policy[] = [
  {
    promise: 'every Secret that is asked for is made, with that key in it',
    violations: (objects) => {
      const made = secretKeys(objects);
      return secretsAskedFor(objects)
        .filter(({ name, key }) => made.get(name)?.has(key) !== true)
        .map(({ by, name, key }) => `${by} asks for ${key} of ${name}`);
    },
    broken: (objects) => {
      objects.splice(objects.indexOf(named(objects, 'ExternalSecret', 'broker-client')), 1);
    },
  },
  {
    promise: 'no Secret is made that nobody asks for',
    violations: (objects) => {
      const wanted = new Set(secretsAskedFor(objects).map(({ name }) => name));
      return [...secretKeys(objects).keys()].filter((name) => !wanted.has(name));
    },
    broken: (objects) => {
      named(objects, 'ExternalSecret', 'operator-token').metadata.name = 'operators-token';
    },
  },
  {
    promise: 'every store of secrets that is asked is there',
    violations: (objects) => {
      const stores = ofKind(objects, 'SecretStore').map(({ metadata }) => metadata.name);
      return ofKind<ExternalSecret>(objects, 'ExternalSecret')
        .map(({ spec }) => spec.secretStoreRef?.name)
        .filter((name) => name !== undefined && !stores.includes(name))
        .map((name) => `there is no store ${name ?? ''}`);
    },
    broken: (objects) => {
      named(objects, 'SecretStore', 'broker').metadata.name = 'brokers';
    },
  },
  {
    promise: "a sidecar's configuration, its service's port and its health address are those of its service",
    violations: eachDeployment((deployment, objects) => {
      const { ports, env, readinessProbe } = containerOf(deployment);
      const port = annotation(deployment, 'dapr.io/app-port');
      const configuration = annotation(deployment, 'dapr.io/config');
      return [
        !objects.some(({ kind, metadata }) => kind === 'Configuration' && metadata.name === configuration) &&
          `there is no Configuration ${configuration ?? ''}`,
        String(ports.find(({ name }) => name === 'http')?.containerPort) !== port &&
          `http is not ${port ?? ''}`,
        env.find(({ name }) => name === 'PORT')?.value !== port && `PORT is not ${port ?? ''}`,
        env.find(({ name }) => name === 'MANAGEMENT_PORT')?.value !==
          String(ports.find(({ name }) => name === 'management')?.containerPort) &&
          'MANAGEMENT_PORT is no port',
        annotation(deployment, 'dapr.io/app-health-check-path') !== readinessProbe?.httpGet.path &&
          'the sidecar asks for health elsewhere',
      ];
    }),
    broken: (objects) => {
      const [port] = containerOf(named<Deployment>(objects, 'Deployment', 'storefront')).ports;
      if (port !== undefined) port.containerPort = 80;
    },
  },
  {
    promise: 'Services, budgets and monitors find pods, and the ports they name',
    violations: (objects) => [
      ...ofKind<Service>(objects, 'Service').flatMap(({ metadata, spec }) =>
        unfound(
          objects,
          `Service ${metadata.name}`,
          spec.selector,
          spec.ports.map(({ targetPort }) => targetPort),
        ),
      ),
      ...ofKind<Selecting>(objects, 'PodDisruptionBudget').flatMap(({ metadata, spec }) =>
        unfound(objects, `PodDisruptionBudget ${metadata.name}`, spec.selector.matchLabels, []),
      ),
      ...ofKind<PodMonitor>(objects, 'PodMonitor')
        // Sidecars are injected: their labels and ports are not written down here. Nor are pods of other namespaces.
        .filter(
          ({ spec }) =>
            spec.namespaceSelector === undefined &&
            !Object.keys(spec.selector.matchLabels).some((label) => label.startsWith('dapr.io/')),
        )
        .flatMap(({ metadata, spec }) =>
          unfound(
            objects,
            `PodMonitor ${metadata.name}`,
            spec.selector.matchLabels,
            spec.podMetricsEndpoints.map(({ port }) => port),
          ),
        ),
    ],
    broken: (objects) => {
      named<Service>(objects, 'Service', 'storefront').spec.selector = { app: 'storefront' };
    },
  },
  {
    promise: 'a route leads to a port of a Service',
    violations: (objects) =>
      ofKind<HttpRoute>(objects, 'HTTPRoute')
        .flatMap(({ spec }) => spec.rules.flatMap(({ backendRefs }) => backendRefs))
        .filter(
          ({ name, port }) =>
            !ofKind<Service>(objects, 'Service').some(
              ({ metadata, spec }) =>
                metadata.name === name && spec.ports.some((known) => known.port === port),
            ),
        )
        .map(({ name, port }) => `there is no ${name}:${port}`),
    broken: (objects) => {
      named<Service>(objects, 'Service', 'storefront').spec.ports = [];
    },
  },
  {
    promise: 'settings from a ConfigMap, and ways of KEDA to prove itself, are there',
    violations: (objects) => [
      ...deploymentsIn(objects)
        .flatMap((deployment) => containerOf(deployment).envFrom ?? [])
        .map(({ configMapRef }) => configMapRef.name)
        .filter(
          (name) => !objects.some(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name),
        )
        .map((name) => `there is no ConfigMap ${name}`),
      ...scaledObjectsIn(objects)
        .map(({ spec }) => spec.triggers[0].authenticationRef?.name)
        .filter(
          (name) =>
            name !== undefined &&
            !objects.some(({ kind, metadata }) => kind === 'TriggerAuthentication' && metadata.name === name),
        )
        .map((name) => `there is no TriggerAuthentication ${name ?? ''}`),
    ],
    broken: (objects) => {
      named(objects, 'TriggerAuthentication', 'broker').metadata.name = 'kafka';
    },
  },
];

type AskedFor = { by: string; name: string; key: string };

function secretsAskedFor(objects: readonly Manifest[]): AskedFor[] {
  return [
    ...deploymentsIn(objects).flatMap((deployment) => secretsOfDeployment(deployment)),
    ...componentsIn(objects).flatMap(({ metadata, spec }) =>
      spec.metadata.flatMap(({ secretKeyRef }) =>
        secretKeyRef === undefined ? [] : [{ by: `component ${metadata.name}`, ...secretKeyRef }],
      ),
    ),
    ...ofKind<TriggerAuthentication>(objects, 'TriggerAuthentication').flatMap(({ spec }) =>
      spec.secretTargetRef.map(({ name, key }) => ({ by: 'KEDA', name, key })),
    ),
  ];
}

function secretsOfDeployment(deployment: Deployment): AskedFor[] {
  const by = deployment.metadata.name;
  // Dapr's injector looks for this key (pkg/injector/consts, the tokens' environment).
  const tokens = ['dapr.io/api-token-secret', 'dapr.io/app-token-secret']
    .map((name) => annotation(deployment, name))
    .filter((name) => name !== undefined)
    .map((name) => ({ by: `sidecar of ${by}`, name, key: 'token' }));
  const variables = containerOf(deployment).env.flatMap(({ valueFrom }) =>
    valueFrom === undefined ? [] : [{ by, ...valueFrom.secretKeyRef }],
  );
  // The one file that is mounted is the secret store's.
  const mounted = (deployment.spec.template.spec.volumes ?? []).flatMap(({ secret }) =>
    secret === undefined ? [] : [{ by, name: secret.secretName, key: 'secrets.json' }],
  );
  return [...tokens, ...variables, ...mounted];
}

/** The keys of each Secret that is made, by us or by external-secrets. */
function secretKeys(objects: readonly Manifest[]): Map<string, Set<string>> {
  const made = new Map<string, Set<string>>();
  for (const secret of ofKind(objects, 'Secret'))
    made.set(secret.metadata.name, new Set(Object.keys((secret['data'] as object | undefined) ?? {})));
  for (const { metadata, spec } of ofKind<ExternalSecret>(objects, 'ExternalSecret')) {
    const template = spec.target?.template?.data;
    // A template decides alone what is in the Secret.
    const keys =
      template === undefined
        ? [
            ...(spec.data ?? []).map(({ secretKey }) => secretKey),
            ...(spec.dataFrom ?? []).flatMap(({ rewrite }) =>
              (rewrite ?? []).map(({ regexp }) => regexp.target),
            ),
          ]
        : Object.keys(template);
    made.set(spec.target?.name ?? metadata.name, new Set(keys));
  }
  return made;
}

function unfound(
  objects: readonly Manifest[],
  who: string,
  selector: Record<string, string>,
  ports: readonly string[],
): string[] {
  const found = deploymentsIn(objects).filter(({ spec }) =>
    Object.entries(selector).every(([label, value]) => spec.template.metadata.labels[label] === value),
  );
  if (found.length !== 1) return [`${who} finds ${found.length} Deployments`];
  const known = found.flatMap((deployment) => containerOf(deployment).ports.map(({ name }) => name));
  return ports.filter((port) => !known.includes(port)).map((port) => `${who} asks for port ${port}`);
}
