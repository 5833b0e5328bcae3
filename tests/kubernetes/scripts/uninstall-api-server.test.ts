import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { render } from '../rendering/render.js';
import { addNamespaceController } from './namespace-controller.js';
import { infrastructure } from '../infrastructure/pieces.js';
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

/** A ScaledObject with the finalizer that KEDA adds, and removes when the object is deleted. */
const scaledObject = {
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'storefront', namespace: 'purchase-system', finalizers: ['finalizer.keda.sh'] },
  spec: { scaleTargetRef: { name: 'storefront' }, triggers: [{ type: 'cpu', metadata: { value: '50' } }] },
};

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
      volume('kafka', 'data-0-kafka-broker-0'),
      ...backup,
    ];
    await controlPlane.apply(objects.map((object) => stringify(object)).join('---\n'));

    const stopped = await cluster.run('uninstall-infrastructure', ['--yes', '--timeout', '5s']);

    expect(stopped.code).toBe(1);
    expect(stopped.output).toContain('FAILED (exit code 1): remove all scaling');
    expect(stopped.output).toContain('While KEDA runs it removes its finalizer');

    // KEDA would remove it.
    await controlPlane.kubectl([
      'patch',
      'scaledobject',
      'storefront',
      '--namespace',
      'purchase-system',
      '--type',
      'merge',
      '--patch',
      '{"metadata":{"finalizers":null}}',
    ]);
    const done = await cluster.run('uninstall-infrastructure', ['--yes', '--timeout', '60s']);

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
