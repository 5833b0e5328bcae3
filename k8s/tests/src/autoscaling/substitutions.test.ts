import { expect, test } from '@jest/globals';
import type { Manifest } from '../render.js';
import { readSettings } from './settings.js';
import { substitute } from './substitutions.js';

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

test('the addresses and the encryption of a trigger are replaced, and nothing else', () => {
  const scaledObject = scaledBy(kafkaTrigger());

  const done = substitute([scaledObject], addresses, readSettings([]));

  expect(scaledObject).toEqual(
    scaledBy({
      type: 'kafka',
      metadata: { bootstrapServers: '127.0.0.1:2', tls: 'disable', lagThreshold: '10' },
    }),
  );
  expect(done.map(({ what, rendered, used }) => [what, rendered, used])).toEqual([
    ['bootstrapServers', 'kafka:9093', '127.0.0.1:2'],
    ['tls', 'enable', 'disable'],
    ['authenticationRef', '{"name":"broker"}', 'left out'],
  ]);
});

test('a quick run tells that it shortened the windows', () => {
  const done = substitute([scaledBy(kafkaTrigger())], addresses, readSettings(['--quick']));

  expect(done.map(({ what, rendered }) => [what, rendered])).toEqual(
    expect.arrayContaining([
      ['stabilizationWindowSeconds', '300'],
      ['periodSeconds', '120'],
    ]),
  );
});

test('a trigger that has no address to be replaced is refused', () => {
  expect(() =>
    substitute([scaledBy({ type: 'prometheus', metadata: {} })], addresses, readSettings([])),
  ).toThrow('ScaledObject purchase-service has no serverAddress to be replaced');
});

test('a trigger that asks what does not run is refused', () => {
  expect(() => substitute([scaledBy({ type: 'cron', metadata: {} })], addresses, readSettings([]))).toThrow(
    'asks a cron, which does not run here',
  );
});
