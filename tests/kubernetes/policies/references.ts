import {
  annotation,
  daprComponentsIn,
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
type ObjectWithSelector = Manifest & { spec: { selector: { matchLabels: Record<string, string> } } };
type PodMonitor = ObjectWithSelector & {
  spec: { podMetricsEndpoints: { port: string }[]; namespaceSelector?: unknown };
};
type HttpRoute = Manifest & { spec: { rules: { backendRefs: { name: string; port: number }[] }[] } };

/** References must lead to objects that exist. */
export const referencePolicies: readonly Policy[] = [
  {
    promise: 'every referenced Secret is created, with the referenced key',
    violations: (objects) => {
      const created = secretKeys(objects);
      return secretReferences(objects)
        .filter(({ name, key }) => created.get(name)?.has(key) !== true)
        .map(({ by, name, key }) => `${by} references ${key} of ${name}`);
    },
    violate: (objects) => {
      objects.splice(objects.indexOf(named(objects, 'ExternalSecret', 'broker-client')), 1);
    },
  },
  {
    // A cluster of your own has the Secrets of every broker and store.
    promise: 'every Secret that External Secrets creates is referenced',
    violations: (objects) => {
      const referenced = new Set(secretReferences(objects).map(({ name }) => name));
      const created = secretKeys(objects.filter(({ kind }) => kind === 'ExternalSecret'));
      return [...created.keys()].filter((name) => !referenced.has(name));
    },
    violate: (objects) => {
      named(objects, 'ExternalSecret', 'operator-token').metadata.name = 'operators-token';
    },
  },
  {
    promise: 'every referenced SecretStore exists',
    violations: (objects) => {
      const stores = ofKind(objects, 'SecretStore').map(({ metadata }) => metadata.name);
      return ofKind<ExternalSecret>(objects, 'ExternalSecret')
        .map(({ spec }) => spec.secretStoreRef?.name)
        .filter((name) => name !== undefined && !stores.includes(name))
        .map((name) => `no SecretStore ${name ?? ''}`);
    },
    violate: (objects) => {
      named(objects, 'SecretStore', 'broker').metadata.name = 'brokers';
    },
  },
  {
    promise: 'a sidecar’s configuration exists, and its port and health check are those of its service',
    violations: eachDeployment((deployment, objects) => {
      const { ports, env, readinessProbe } = containerOf(deployment);
      const port = annotation(deployment, 'dapr.io/app-port');
      const configuration = annotation(deployment, 'dapr.io/config');
      return [
        !objects.some(({ kind, metadata }) => kind === 'Configuration' && metadata.name === configuration) &&
          `no Configuration ${configuration ?? ''}`,
        String(ports.find(({ name }) => name === 'http')?.containerPort) !== port &&
          `the port http is not ${port ?? ''}`,
        env.find(({ name }) => name === 'PORT')?.value !== port && `PORT is not ${port ?? ''}`,
        env.find(({ name }) => name === 'MANAGEMENT_PORT')?.value !==
          String(ports.find(({ name }) => name === 'management')?.containerPort) &&
          'MANAGEMENT_PORT is not the port management',
        annotation(deployment, 'dapr.io/app-health-check-path') !== readinessProbe?.httpGet.path &&
          'the sidecar checks another path',
      ];
    }),
    violate: (objects) => {
      const [port] = containerOf(named<Deployment>(objects, 'Deployment', 'storefront')).ports;
      if (port !== undefined) port.containerPort = 80;
    },
  },
  {
    promise: 'Services, disruption budgets and PodMonitors select pods with the ports that they name',
    violations: (objects) => [
      ...ofKind<Service>(objects, 'Service').flatMap(({ metadata, spec }) =>
        selectionProblems(
          objects,
          `Service ${metadata.name}`,
          spec.selector,
          spec.ports.map(({ targetPort }) => targetPort),
        ),
      ),
      ...ofKind<ObjectWithSelector>(objects, 'PodDisruptionBudget').flatMap(({ metadata, spec }) =>
        selectionProblems(objects, `PodDisruptionBudget ${metadata.name}`, spec.selector.matchLabels, []),
      ),
      ...ofKind<PodMonitor>(objects, 'PodMonitor')
        // The manifests contain neither injected sidecars nor pods of other namespaces.
        .filter(
          ({ spec }) =>
            spec.namespaceSelector === undefined &&
            !Object.keys(spec.selector.matchLabels).some((label) => label.startsWith('dapr.io/')),
        )
        .flatMap(({ metadata, spec }) =>
          selectionProblems(
            objects,
            `PodMonitor ${metadata.name}`,
            spec.selector.matchLabels,
            spec.podMetricsEndpoints.map(({ port }) => port),
          ),
        ),
    ],
    violate: (objects) => {
      named<Service>(objects, 'Service', 'storefront').spec.selector = { app: 'storefront' };
    },
  },
  {
    promise: 'routes lead to ports of Services',
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
        .map(({ name, port }) => `no Service ${name} with port ${port}`),
    violate: (objects) => {
      named<Service>(objects, 'Service', 'storefront').spec.ports = [];
    },
  },
  {
    promise: 'referenced ConfigMaps and TriggerAuthentications exist',
    violations: (objects) => [
      ...deploymentsIn(objects)
        .flatMap((deployment) => containerOf(deployment).envFrom ?? [])
        .map(({ configMapRef }) => configMapRef.name)
        .filter(
          (name) => !objects.some(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name),
        )
        .map((name) => `no ConfigMap ${name}`),
      ...scaledObjectsIn(objects)
        .map(({ spec }) => spec.triggers[0].authenticationRef?.name)
        .filter(
          (name) =>
            name !== undefined &&
            !objects.some(({ kind, metadata }) => kind === 'TriggerAuthentication' && metadata.name === name),
        )
        .map((name) => `no TriggerAuthentication ${name ?? ''}`),
    ],
    violate: (objects) => {
      named(objects, 'TriggerAuthentication', 'broker').metadata.name = 'kafka';
    },
  },
];

type SecretReference = { by: string; name: string; key: string };

function secretReferences(objects: readonly Manifest[]): SecretReference[] {
  return [
    ...deploymentsIn(objects).flatMap((deployment) => referencesOfDeployment(deployment)),
    ...daprComponentsIn(objects).flatMap(({ metadata, spec }) =>
      spec.metadata.flatMap(({ secretKeyRef }) =>
        secretKeyRef === undefined ? [] : [{ by: `component ${metadata.name}`, ...secretKeyRef }],
      ),
    ),
    ...ofKind<TriggerAuthentication>(objects, 'TriggerAuthentication').flatMap(({ spec }) =>
      spec.secretTargetRef.map(({ name, key }) => ({ by: 'KEDA', name, key })),
    ),
  ];
}

function referencesOfDeployment(deployment: Deployment): SecretReference[] {
  const by = deployment.metadata.name;
  // Dapr's injector reads this key (pkg/injector/consts).
  const tokens = ['dapr.io/api-token-secret', 'dapr.io/app-token-secret']
    .map((name) => annotation(deployment, name))
    .filter((name) => name !== undefined)
    .map((name) => ({ by: `sidecar of ${by}`, name, key: 'token' }));
  const variables = containerOf(deployment).env.flatMap(({ valueFrom }) =>
    valueFrom?.secretKeyRef === undefined ? [] : [{ by, ...valueFrom.secretKeyRef }],
  );
  // The only mounted file is that of the secret store.
  const mounted = (deployment.spec.template.spec.volumes ?? []).flatMap(({ secret }) =>
    secret === undefined ? [] : [{ by, name: secret.secretName, key: 'secrets.json' }],
  );
  return [...tokens, ...variables, ...mounted];
}

/** The keys of each Secret that the manifests or External Secrets create. */
function secretKeys(objects: readonly Manifest[]): Map<string, Set<string>> {
  const created = new Map<string, Set<string>>();
  for (const secret of ofKind(objects, 'Secret'))
    created.set(secret.metadata.name, new Set(Object.keys((secret['data'] as object | undefined) ?? {})));
  for (const { metadata, spec } of ofKind<ExternalSecret>(objects, 'ExternalSecret')) {
    const template = spec.target?.template?.data;
    // With a template, the Secret contains only the keys of the template.
    const keys =
      template === undefined
        ? [
            ...(spec.data ?? []).map(({ secretKey }) => secretKey),
            ...(spec.dataFrom ?? []).flatMap(({ rewrite }) =>
              (rewrite ?? []).map(({ regexp }) => regexp.target),
            ),
          ]
        : Object.keys(template);
    created.set(spec.target?.name ?? metadata.name, new Set(keys));
  }
  return created;
}

function selectionProblems(
  objects: readonly Manifest[],
  who: string,
  selector: Record<string, string>,
  ports: readonly string[],
): string[] {
  const found = deploymentsIn(objects).filter(({ spec }) =>
    Object.entries(selector).every(([label, value]) => spec.template.metadata.labels[label] === value),
  );
  if (found.length !== 1) return [`${who} selects ${found.length} Deployments`];
  const known = found.flatMap((deployment) => containerOf(deployment).ports.map(({ name }) => name));
  return ports.filter((port) => !known.includes(port)).map((port) => `${who} names the unknown port ${port}`);
}
