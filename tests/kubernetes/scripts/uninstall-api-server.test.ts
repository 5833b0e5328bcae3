import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { render } from '../rendering/render.js';
import { addNamespaceController } from './namespace-controller.js';
import { daprChartFolder, renderChart } from '../infrastructure/helm.js';
import { infrastructure, readPieces } from '../infrastructure/pieces.js';
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
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

const volume = (namespace: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { namespace, name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});

/** A ScaledObject with the finalizer that KEDA adds, and one of somebody else. */
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
    await controlPlane.kubectl(['apply', '--server-side', '-k', join(infrastructure, 'namespaces')]);
    const backup = (await render(join(infrastructure, 'mongodb'))).filter(({ kind }) =>
      ['PersistentVolumeClaim', 'NetworkPolicy'].includes(kind),
    );
    const objects = [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'purchase-system' } },
      scaledObject,
      externalMetrics,
      kedaOperator,
      volume('kafka', 'data-0-kafka-broker-0'),
      ...backup,
    ];
    await controlPlane.apply(objects.map((object) => stringify(object)).join('---\n'));

    await setAvailable('True');

    const stopped = await cluster.run('uninstall-infrastructure', ['--yes', '--timeout', '5s']);

    expect(stopped.code).toBe(1);
    expect(stopped.output).toContain('FAILED (exit code 1): remove all scaling');
    expect(stopped.output).toContain('Something other than KEDA waits');

    // KEDA has ended, and somebody else has removed theirs.
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
    expect(done.output).toMatch(/==> left[^]*kafka\/persistentvolumeclaim\/data-0-kafka-broker-0/);
    expect(done.code).toBe(0);
    const left = (await cluster.objectNames()).split('\n').filter((name) => !before.includes(name));
    expect(left).toEqual([
      'namespace/kafka',
      'namespace/mongodb',
      'persistentvolumeclaim/data-0-kafka-broker-0',
      'persistentvolumeclaim/backup',
    ]);
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
    expect(await cluster.objectNames()).toContain('deployment.apps/dapr-sentry');

    const { code, output } = await cluster.run('uninstall-infrastructure', ['--yes', '--timeout', '60s']);

    expect(output).toContain('apiservice.apiregistration.k8s.io "v1beta1.external.metrics.k8s.io" deleted');
    expect(code).toBe(0);
    const left = (await cluster.objectNames()).split('\n').filter((name) => !before.includes(name));
    expect(left.filter((name) => !/kafka|mongodb|backup/.test(name))).toEqual([]);
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
