import { production, renderedCombination } from '../rendering/combinations.js';
import { configured, valuesIn } from './configured-scripts.js';

type Named = {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
};

/** An object with the status that its controller would write. */
export type ObjectWithStatus = {
  apiVersion: string;
  kind: string;
  metadata: Named;
  status?: Record<string, unknown>;
  [field: string]: unknown;
};

const product = 'purchase-system';
const services = ['storefront', 'purchase-service'];

const conditions = (...types: [type: string, status: string][]): { conditions: unknown[] } => ({
  conditions: types.map(([type, status]) => ({ type, status, reason: 'Test', message: '' })),
});

/** Minimal CRDs for kinds whose CRDs no Go module contains. */
export const stubDefinitions: readonly ObjectWithStatus[] = [
  ['external-secrets.io', 'externalsecrets', 'ExternalSecret'],
  ['kafka.strimzi.io', 'kafkas', 'Kafka'],
  ['kafka.strimzi.io', 'kafkatopics', 'KafkaTopic'],
  ['mongodbcommunity.mongodb.com', 'mongodbcommunity', 'MongoDBCommunity'],
  ['argoproj.io', 'applications', 'Application'],
].map(([group = '', plural = '', kind = '']) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural, singular: kind.toLowerCase(), kind },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}));

const of = (
  apiVersion: string,
  kind: string,
  metadata: Named,
  more: Record<string, unknown> = {},
): ObjectWithStatus => ({
  apiVersion,
  kind,
  metadata,
  ...more,
});

const data = Object.fromEntries(
  valuesIn(configured)
    .trim()
    .split('\n')
    .map((line): [string, string] => {
      const [key = '', ...value] = line.split('=');
      return [key, value.join('=')];
    }),
);

/** What brings shoppers to the storefront in production, as it is rendered. */
const gatewayObjects = (await renderedCombination(production)).objects.filter(({ kind, metadata }) =>
  ['NetworkPolicy gateway', 'HTTPRoute storefront'].includes(`${kind} ${metadata.name}`),
);

/** The objects that the doctor reads, as they are in a healthy cluster. */
export const healthyObjects: readonly ObjectWithStatus[] = [
  ...['a', 'b', 'c'].map((name) =>
    of('v1', 'Node', { name, labels: { 'topology.kubernetes.io/zone': name } }),
  ),
  of(
    'storage.k8s.io/v1',
    'StorageClass',
    { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    { provisioner: 'example.org/none' },
  ),
  of('v1', 'Namespace', { name: product }),
  of('v1', 'Namespace', { name: 'gateway' }),
  of('v1', 'Namespace', { name: 'envoy-gateway-system' }),
  of('v1', 'ConfigMap', { name: 'installation', namespace: product }, { data }),
  ...gatewayObjects.map((object) => ({
    ...object,
    ...(object.kind === 'HTTPRoute' && {
      status: {
        parents: [
          {
            controllerName: 'gateway.envoyproxy.io/gatewayclass-controller',
            parentRef: { name: 'public', namespace: 'gateway' },
            conditions: [
              {
                type: 'Accepted',
                status: 'True',
                reason: 'Accepted',
                message: '',
                lastTransitionTime: '2030-01-01T00:00:00Z',
              },
            ],
          },
        ],
      },
    }),
  })),
  of(
    'gateway.networking.k8s.io/v1',
    'Gateway',
    { name: 'public', namespace: 'gateway' },
    {
      spec: { gatewayClassName: 'envoy', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
      status: {
        conditions: [
          {
            type: 'Programmed',
            status: 'True',
            reason: 'Programmed',
            message: '',
            lastTransitionTime: '2030-01-01T00:00:00Z',
          },
        ],
      },
    },
  ),
  of('v1', 'ServiceAccount', { name: 'default', namespace: 'envoy-gateway-system' }),
  // Pods need it, and no controller creates it here.
  of('v1', 'ServiceAccount', { name: 'default', namespace: product }),
  ...['dapr-system', 'keda', 'monitoring', 'external-secrets'].map((namespace) =>
    of(
      'apps/v1',
      'Deployment',
      { name: 'operator', namespace },
      {
        spec: {
          selector: { matchLabels: { app: 'operator' } },
          template: {
            metadata: { labels: { app: 'operator' } },
            spec: { containers: [{ name: 'operator', image: 'operator:1' }] },
          },
        },
        status: conditions(['Progressing', 'False'], ['Available', 'True']),
      },
    ),
  ),
  of(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    { name: 'dapr-sidecar-injector' },
    {
      webhooks: [
        {
          name: 'sidecar-injector.dapr.io',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Fail',
          clientConfig: { url: 'https://127.0.0.1:1/mutate', caBundle: 'YXV0aG9yaXR5' },
          // The webhook does not run, so it must not apply to any pod.
          objectSelector: { matchLabels: { 'no-pod': 'has-this-label' } },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
        },
      ],
    },
  ),
  ...services.flatMap((name) => [
    of(
      'v1',
      'Pod',
      { name: `${name}-1`, namespace: product, labels: { 'app.kubernetes.io/name': name } },
      {
        spec: {
          automountServiceAccountToken: false,
          initContainers: [{ name: 'daprd', image: 'daprd:1', restartPolicy: 'Always' }],
          containers: [{ name, image: `${name}:1` }],
        },
        status: conditions(['PodScheduled', 'True'], ['Ready', 'True']),
      },
    ),
    of(
      'keda.sh/v1alpha1',
      'ScaledObject',
      { name, namespace: product },
      {
        spec: {
          scaleTargetRef: { name },
          maxReplicaCount: 10,
          triggers: [{ type: 'cpu', metadata: { value: '50' } }],
        },
        status: conditions(['Ready', 'True'], ['Active', 'True'], ['Fallback', 'False'], ['Paused', 'False']),
      },
    ),
    of(
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      { name, namespace: product },
      {
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }, maxReplicas: 10 },
        status: {
          desiredReplicas: 2,
          ...conditions(['AbleToScale', 'True'], ['ScalingActive', 'True'], ['ScalingLimited', 'False']),
        },
      },
    ),
  ]),
  of(
    'v1',
    'Pod',
    {
      name: 'envoy',
      namespace: 'envoy-gateway-system',
      labels: {
        'gateway.envoyproxy.io/owning-gateway-name': 'public',
        'gateway.envoyproxy.io/owning-gateway-namespace': 'gateway',
      },
    },
    { spec: { automountServiceAccountToken: false, containers: [{ name: 'envoy', image: 'envoy:1' }] } },
  ),
  ...['pubsub', 'dead-letters', 'statestore', 'secrets'].map((name) =>
    of(
      'dapr.io/v1alpha1',
      'Component',
      { name, namespace: product },
      {
        spec: { type: 'state.in-memory', version: 'v1', metadata: [] },
      },
    ),
  ),
  ...[
    'storefront-secrets',
    'dapr-api-token',
    'app-api-token',
    'operator-token',
    'broker-client',
    'broker-keda',
    'store-client',
  ].map((name) => of('v1', 'Secret', { name, namespace: product })),
  of(
    'v1',
    'Secret',
    { name: 'alert-receiver', namespace: 'monitoring' },
    { data: { url: Buffer.from('https://alerts.test').toString('base64') } },
  ),
  of(
    'kafka.strimzi.io/v1',
    'Kafka',
    { name: 'kafka', namespace: 'kafka' },
    {
      spec: { kafka: { rack: { topologyKey: 'topology.kubernetes.io/zone' } } },
      status: conditions(['Ready', 'True']),
    },
  ),
  of(
    'kafka.strimzi.io/v1',
    'KafkaTopic',
    { name: 'purchase-events', namespace: 'kafka' },
    { spec: { partitions: 20 } },
  ),
  of(
    'mongodbcommunity.mongodb.com/v1',
    'MongoDBCommunity',
    { name: 'mongodb', namespace: 'mongodb' },
    {
      status: { phase: 'Running' },
    },
  ),
  of(
    'batch/v1',
    'CronJob',
    { name: 'backup', namespace: 'mongodb' },
    {
      spec: {
        schedule: '20 3 * * *',
        jobTemplate: {
          spec: {
            template: {
              spec: { restartPolicy: 'Never', containers: [{ name: 'backup', image: 'backup:1' }] },
            },
          },
        },
      },
      status: { lastSuccessfulTime: '2030-01-01T03:20:00Z' },
    },
  ),
  of(
    'argoproj.io/v1',
    'Application',
    { name: 'root', namespace: 'argocd' },
    {
      spec: { source: { repoURL: data['REPOSITORY'] } },
      status: { sync: { status: 'Synced' }, health: { status: 'Healthy' } },
    },
  ),
];

/** The kinds whose status is a subresource. */
export const kindsWithStatusSubresource = new Set([
  'Deployment',
  'Pod',
  'ScaledObject',
  'HorizontalPodAutoscaler',
  'CronJob',
  'HTTPRoute',
  'Gateway',
]);
