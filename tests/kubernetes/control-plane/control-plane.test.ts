import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { startControlPlane, type ControlPlane } from './control-plane.js';

const scaledObject = (spec: Record<string, unknown>) =>
  stringify({
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'storefront', namespace: 'default' },
    spec,
  });

const trigger = { type: 'cpu', metadata: { value: '50' } };

let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane({ crds: ['keda'] });
});

afterAll(async () => {
  await controlPlane[Symbol.asyncDispose]();
});

test('an API server of the pinned version answers kubectl', async () => {
  const { serverVersion } = JSON.parse(await controlPlane.kubectl(['version', '-o', 'json'])) as {
    serverVersion: { gitVersion: string };
  };

  expect(serverVersion.gitVersion).toBe('v1.36.1');
});

test('a valid object is accepted', async () => {
  await controlPlane.apply(scaledObject({ scaleTargetRef: { name: 'storefront' }, triggers: [trigger] }));

  expect(await controlPlane.kubectl(['get', 'scaledobjects', '-o', 'name'])).toBe(
    'scaledobject.keda.sh/storefront\n',
  );
});

test('an object with an unknown field is refused', async () => {
  const refused = controlPlane.apply(
    scaledObject({ scaleTargetRef: { name: 'storefront' }, triggers: [trigger], maxReplicas: 10 }),
  );

  await expect(refused).rejects.toThrow(
    expect.objectContaining({
      cause: expect.objectContaining({ message: expect.stringContaining('maxReplicas') }),
    }),
  );
});
