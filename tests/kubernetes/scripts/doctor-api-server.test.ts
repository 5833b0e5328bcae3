import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { infrastructure } from '../infrastructure/pieces.js';
import { configured, scriptsWith } from './configured-scripts.js';
import {
  healthyObjects,
  stubDefinitions,
  kindsWithStatusSubresource,
  type ObjectWithStatus,
} from './healthy-objects.js';
import { startRealCluster, type RealCluster } from './real-cluster.js';

/** The real kubectl runs about sixty times. */
const timeoutMs = 300_000;

let cluster: RealCluster;

const all = (objects: readonly ObjectWithStatus[]): string =>
  objects.map((object) => stringify(object)).join('---\n');

const setStatus = ({ kind, metadata, status }: ObjectWithStatus): Promise<string> =>
  cluster.controlPlane.kubectl([
    'patch',
    kind,
    metadata.name,
    '--namespace',
    metadata.namespace ?? 'default',
    '--subresource=status',
    '--type=merge',
    `--patch=${JSON.stringify({ status })}`,
  ]);

beforeAll(async () => {
  cluster = await startRealCluster();
  const { controlPlane } = cluster;
  await controlPlane.applyCrds(['dapr', 'keda', 'prometheus-operator', 'gateway-api']);
  await controlPlane.apply(all(stubDefinitions));
  await controlPlane.kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']);
  await controlPlane.kubectl(['apply', '--server-side', '-k', join(infrastructure, 'namespaces')]);
  await controlPlane.apply(all(healthyObjects));
  for (const object of healthyObjects)
    if (kindsWithStatusSubresource.has(object.kind)) await setStatus(object);
}, timeoutMs);
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

/** The doctor's complaints, except that metrics are not served, as always here. */
const complaints = async (): Promise<string[]> => {
  const { output } = await cluster.run('doctor', [], await scriptsWith(cluster.folder, configured));
  const lines = output.split('\n').filter((line) => /^(WARN|FAIL)/.test(line));
  expect(lines).toContain('FAIL  autoscalers can query KEDA');
  return lines.filter((line) => !line.includes('autoscalers can query KEDA'));
};

test(
  'the real kubectl understands the doctor, which finds no problem in a healthy cluster',
  async () => {
    expect(await complaints()).toEqual([]);
  },
  timeoutMs,
);

test(
  'the doctor finds each problem, and no other',
  async () => {
    const { controlPlane } = cluster;
    const of = (kind: string): ObjectWithStatus => {
      const object = healthyObjects.find((each) => each.kind === kind);
      if (!object) throw new Error(`no ${kind}`);
      return object;
    };
    await setStatus({
      ...of('ScaledObject'),
      status: {
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'Fallback', status: 'True' },
        ],
      },
    });
    await setStatus({
      ...of('Pod'),
      status: {
        conditions: [{ type: 'Ready', status: 'False' }],
        // The sidecar is an init container.
        initContainerStatuses: [
          {
            name: 'daprd',
            image: 'registry.test/daprd:1',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { waiting: { reason: 'ImagePullBackOff' } },
          },
        ],
      },
    });
    const receiver = healthyObjects.find(({ metadata }) => metadata.name === 'alert-receiver');
    if (!receiver) throw new Error('no alert-receiver');
    await controlPlane.apply(all([{ ...receiver, data: { address: 'aHR0cHM=' } }]));
    await controlPlane.apply(all([{ ...of('KafkaTopic'), spec: { partitions: 9 } }]));
    await controlPlane.apply(
      all([
        { ...of('Application'), status: { sync: { status: 'OutOfSync' }, health: { status: 'Healthy' } } },
      ]),
    );
    const notProgrammed = {
      type: 'Programmed',
      status: 'False',
      reason: 'AddressNotAssigned',
      message: 'no address',
      lastTransitionTime: '2030-01-01T00:00:00Z',
    };
    await setStatus({ ...of('Gateway'), status: { conditions: [notProgrammed] } });
    await controlPlane.kubectl(['delete', 'pods', '--all', '--namespace', 'envoy-gateway-system', '--force']);
    await controlPlane.apply(
      all([
        {
          ...of('ConfigMap'),
          data: { ...(of('ConfigMap')['data'] as Record<string, string>), OIDC_CLIENT_ID: 'earlier' },
        },
      ]),
    );
    await controlPlane.kubectl(['delete', 'secret', 'store-client', '--namespace', 'purchase-system']);

    expect(await complaints()).toEqual([
      'FAIL  the cluster has OIDC_CLIENT_ID=earlier, and this checkout storefront',
      'FAIL  pods of storefront are ready, but not storefront-1',
      'FAIL  no secret store-client',
      'FAIL  the image registry.test/daprd:1 cannot be pulled',
      'FAIL  the Gateway public works',
      'FAIL  the network policy admits pods of a gateway',
      'FAIL  ScaledObject storefront has no metric and falls back',
      'FAIL  purchase-events has 9 partitions for up to 10 replicas',
      'WARN  alerts reach no one, because the Secret alert-receiver or its key url is missing',
      'FAIL  Applications are Synced and Healthy, but not root OutOfSync Healthy',
    ]);
  },
  timeoutMs,
);
