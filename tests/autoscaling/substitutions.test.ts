import { expect, test } from '@jest/globals';
import type { Manifest } from '../kubernetes/rendering/render.js';
import { readSettings } from './settings.js';
import { addSidecars, fakeSecrets, substitute } from './substitutions.js';

const addresses = { prometheus: 'http://127.0.0.1:1', kafka: '127.0.0.1:2' };

const scaledBy = (trigger: object): Manifest => ({
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'purchase-service' },
  spec: {
    advanced: {
      horizontalPodAutoscalerConfig: {
        behavior: {
          scaleDown: { stabilizationWindowSeconds: 300, policies: [{ value: 1, periodSeconds: 120 }] },
        },
      },
    },
    triggers: [trigger],
  },
});

const kafkaTrigger = () => ({
  type: 'kafka',
  authenticationRef: { name: 'broker' },
  metadata: { bootstrapServers: 'kafka:9093', tls: 'enable', lagThreshold: '10' },
});

test('only the addresses and the encryption of a trigger are replaced', () => {
  const scaledObject = scaledBy(kafkaTrigger());

  const changes = substitute([scaledObject], addresses, readSettings([]));

  expect(scaledObject).toEqual(
    scaledBy({
      type: 'kafka',
      metadata: { bootstrapServers: '127.0.0.1:2', tls: 'disable', lagThreshold: '10' },
    }),
  );
  expect(changes.map(({ what, rendered, used }) => [what, rendered, used])).toEqual([
    ['bootstrapServers', 'kafka:9093', '127.0.0.1:2'],
    ['tls', 'enable', 'disable'],
    ['authenticationRef', '{"name":"broker"}', 'left out'],
  ]);
});

test('a quick run reports that it shortened the windows', () => {
  const changes = substitute([scaledBy(kafkaTrigger())], addresses, readSettings(['--quick']));

  expect(changes.map(({ what, rendered }) => [what, rendered])).toEqual(
    expect.arrayContaining([
      ['stabilizationWindowSeconds', '300'],
      ['periodSeconds', '120'],
    ]),
  );
});

test('a trigger without an address to replace is refused', () => {
  expect(() =>
    substitute([scaledBy({ type: 'prometheus', metadata: {} })], addresses, readSettings([])),
  ).toThrow('ScaledObject purchase-service has no serverAddress to replace');
});

test('a trigger for a server that does not run is refused', () => {
  expect(() => substitute([scaledBy({ type: 'cron', metadata: {} })], addresses, readSettings([]))).toThrow(
    'has a trigger for cron, which does not run here',
  );
});

const deployment = (env: object[]): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'storefront', namespace: 'shop' },
  spec: { template: { spec: { containers: [{ name: 'storefront', env }] } } },
});

const fromSecret = (name: string, key: string) => ({ valueFrom: { secretKeyRef: { name, key } } });

test('each Secret that provides environment variables is created once, with all its keys', () => {
  const { secrets, substitutions } = fakeSecrets([
    deployment([fromSecret('api', 'token'), { name: 'PORT', value: '8080' }]),
    deployment([fromSecret('api', 'other'), fromSecret('operator', 'token')]),
  ]);

  expect(secrets.map(({ metadata, stringData }) => [metadata, stringData])).toEqual([
    [
      { name: 'api', namespace: 'shop' },
      { token: 'fake', other: 'fake' },
    ],
    [{ name: 'operator', namespace: 'shop' }, { token: 'fake' }],
  ]);
  expect(substitutions.map(({ where }) => where)).toEqual(['Secret api', 'Secret operator']);
});

test('a Deployment gets a sidecar, and the change is reported', () => {
  const one = deployment([]);

  const changes = addSidecars([one]);

  expect(one['spec']).toMatchObject({
    template: { spec: { initContainers: [{ name: 'daprd', restartPolicy: 'Always' }] } },
  });
  expect(changes.map(({ where }) => where)).toEqual(['Deployment storefront']);
});
