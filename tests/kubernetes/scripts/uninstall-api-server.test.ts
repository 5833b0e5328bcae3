import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { manifestsBelow } from '../rendering/manifest-files.js';
import { render, type Manifest } from '../rendering/render.js';
import { addNamespaceController } from './namespace-controller.js';
import { daprChartFolder, renderChart } from '../infrastructure/helm.js';
import { infrastructure, readPieces } from '../infrastructure/pieces.js';
import { definition } from './small-charts.js';
import { startRealCluster, type RealCluster } from './real-cluster.js';

/** Deleting a namespace takes seconds, and longer on a busy machine. */
const timeoutMs = 300_000;

let cluster: RealCluster;
let before: string;
beforeAll(async () => {
  cluster = await startRealCluster();
  await addNamespaceController(cluster.controlPlane);
  before = await cluster.objectNames();
});

/** What exists now and did not exist before. */
async function added(): Promise<string[]> {
  const known = before.split('\n');
  return (await cluster.objectNames()).split('\n').filter((name) => !known.includes(name));
}

/** What stays without --purge: volumes, and their namespaces. */
const kept = [
  'Namespace kafka',
  'Namespace mongodb',
  'PersistentVolumeClaim kafka/data-0-kafka-broker-0',
  'PersistentVolumeClaim mongodb/backup',
];

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

const volume = (namespace: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { namespace, name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});

/** A ScaledObject with the finalizer that KEDA adds, and one of another program. */
const scaledObject = {
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: {
    name: 'storefront',
    namespace: 'purchase-system',
    finalizers: ['finalizer.keda.sh', 'example.org/kept'],
  },
  spec: { scaleTargetRef: { name: 'storefront' }, triggers: [{ type: 'cpu', metadata: { value: '50' } }] },
};

/** An ExternalSecret with the finalizer that external-secrets adds. It does not run. */
const externalSecret = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: {
    name: 'broker-client',
    namespace: 'purchase-system',
    finalizers: ['externalsecrets.external-secrets.io/externalsecret-cleanup'],
  },
};

/** What operators create outside of their namespaces. */
const madeByOperators = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-prometheus-stack-kubelet', namespace: 'kube-system' },
    spec: { clusterIP: 'None', ports: [{ name: 'https-metrics', port: 10250 }] },
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'strimzi-kafka-kafka-kafka-init' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'strimzi-kafka-broker' },
    subjects: [{ kind: 'ServiceAccount', name: 'kafka-kafka', namespace: 'kafka' }],
  },
];

/** The product's permissions in the namespaces of the broker and the store, and its checks of pods. */
async function productElsewhere(): Promise<Manifest[]> {
  const parts = ['broker-kafka', 'store-mongodb', 'policies'].map((part) =>
    manifestsBelow(`components/${part}`),
  );
  const all = (await Promise.all(parts)).flat();
  return all.filter(({ kind }) => /^Role(Binding)?$|^ValidatingAdmissionPolicy(Binding)?$/.test(kind));
}

/** KEDA's registration with the API server. Its pods do not run, so it does not answer. */
const externalMetrics = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: 'v1beta1.external.metrics.k8s.io' },
  spec: {
    group: 'external.metrics.k8s.io',
    version: 'v1beta1',
    groupPriorityMinimum: 100,
    versionPriority: 100,
    insecureSkipTLSVerify: true,
    service: { namespace: 'keda', name: 'keda-operator-metrics-apiserver', port: 443 },
  },
};

/** KEDA's operator, which runs or not. */
const kedaOperator = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'keda-operator', namespace: 'keda' },
  spec: {
    selector: { matchLabels: { app: 'keda-operator' } },
    template: {
      metadata: { labels: { app: 'keda-operator' } },
      spec: { containers: [{ name: 'operator', image: 'operator:1' }] },
    },
  },
};

const setAvailable = (status: 'True' | 'False') =>
  cluster.controlPlane.kubectl([
    'patch',
    'deployment',
    'keda-operator',
    '--namespace',
    'keda',
    '--subresource',
    'status',
    '--type',
    'merge',
    '--patch',
    JSON.stringify({ status: { conditions: [{ type: 'Available', status }] } }),
  ]);

test(
  'a finalizer stops it early; the next run completes, and volumes remain',
  async () => {
    const { controlPlane } = cluster;
    await controlPlane.applyCrds(['dapr', 'keda']);
    await controlPlane.apply(definition('externalsecrets', 'ExternalSecret', 'external-secrets.io'));
    await controlPlane.kubectl(['wait', '--for=condition=Established', 'crd', '--all']);
    await controlPlane.kubectl(['apply', '--server-side', '-k', join(infrastructure, 'namespaces')]);
    const backup = (await render(join(infrastructure, 'mongodb'))).filter(({ kind }) =>
      ['PersistentVolumeClaim', 'NetworkPolicy'].includes(kind),
    );
    const objects = [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'purchase-system' } },
      scaledObject,
      externalSecret,
      externalMetrics,
      kedaOperator,
      ...madeByOperators,
      ...(await productElsewhere()),
      volume('kafka', 'data-0-kafka-broker-0'),
      ...backup,
    ];
    await controlPlane.apply(objects.map((object) => stringify(object)).join('---\n'));

    await setAvailable('True');

    const stopped = await cluster.run('uninstall-infrastructure', ['--yes', '--timeout', '5s']);

    expect(stopped.code).toBe(1);
    expect(stopped.output).toContain('FAILED (exit code 1): remove all scaling');
    expect(stopped.output).toContain('Something other than KEDA waits');

    // KEDA has ended, and the other program has removed its own.
    await setAvailable('False');
    await controlPlane.kubectl([
      'patch',
      'scaledobject',
      'storefront',
      '--namespace',
      'purchase-system',
      '--type',
      'merge',
      '--patch',
      '{"metadata":{"finalizers":["finalizer.keda.sh"]}}',
    ]);
    const done = await cluster.run('uninstall-infrastructure', ['--yes', '--timeout', '60s']);

    expect(done.output).toContain('keda-operator does not run');
    expect(done.output).toContain('external-secrets does not run');
    expect(done.output).toMatch(/==> left[^]*kafka\/persistentvolumeclaim\/data-0-kafka-broker-0/);
    expect(done.code).toBe(0);
    expect(await added()).toEqual(kept);
  },
  timeoutMs,
);

test(
  'removes what Argo CD installed without a Helm release, and an interface without pods does not hold it up',
  async () => {
    const { controlPlane } = cluster;
    await controlPlane.kubectl(['apply', '--server-side', '-k', join(infrastructure, 'namespaces')]);
    await controlPlane.applyCrds(['dapr']);
    // As Argo CD does it: rendered, and applied.
    const { version = '', namespace = '' } = (await readPieces()).find(({ name }) => name === 'dapr') ?? {};
    const rendered = await renderChart(await daprChartFolder(version), {
      namespace,
      values: [join(infrastructure, 'dapr/values.yaml')],
    });
    await controlPlane.apply([externalMetrics, ...rendered].map((object) => stringify(object)).join('---\n'));
    expect(await added()).toContain('Deployment dapr-system/dapr-sentry');

    const { code, output } = await cluster.run('uninstall-infrastructure', ['--yes', '--timeout', '60s']);

    expect(output).toContain('apiservice.apiregistration.k8s.io "v1beta1.external.metrics.k8s.io" deleted');
    expect(code).toBe(0);
    expect(await added()).toEqual(kept);
  },
  timeoutMs,
);

test(
  'with --purge it leaves only what existed before, and a second run changes nothing',
  async () => {
    const { code, output } = await cluster.run('uninstall-infrastructure', [
      '--yes',
      '--purge',
      '--timeout',
      '60s',
    ]);

    expect(output).toMatch(/==> left\n {4}nothing\n$/);
    expect(code).toBe(0);
    expect(await cluster.objectNames()).toBe(before);

    const again = await cluster.run('uninstall-infrastructure', ['--yes', '--purge']);

    expect(again.code).toBe(0);
    expect(await cluster.objectNames()).toBe(before);
  },
  timeoutMs,
);
