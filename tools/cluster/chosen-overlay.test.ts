import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { projectRoot } from '../project-root.js';
import { chosenKustomization } from './chosen-overlay.js';

const images = [
  {
    service: 'storefront',
    name: 'registry.example/storefront',
    version: { newTag: '1.2.3' },
    digest: 'sha256:abc',
  },
  {
    service: 'purchase-service',
    name: 'registry.example/purchase-service',
    version: { digest: 'sha256:def' },
    digest: 'sha256:def',
  },
];

const choice = { broker: 'rabbitmq', store: 'postgresql', images };

test('the chosen overlay is dev with another broker, store and images', async () => {
  const dev = await readFile(join(projectRoot, 'k8s/overlays/dev/kustomization.yaml'), 'utf8');
  const before = parse(dev) as { components: string[] };
  const { patches, ...after } = parse(chosenKustomization(dev, choice)) as {
    patches: { target: unknown; patch: string }[];
  };
  expect(after).toEqual({
    ...before,
    components: before.components.map((component) =>
      component.replace('broker-kafka', 'broker-rabbitmq').replace('store-mongodb', 'store-postgresql'),
    ),
    images: [
      { name: 'storefront', newName: 'registry.example/storefront', newTag: '1.2.3' },
      { name: 'purchase-service', newName: 'registry.example/purchase-service', digest: 'sha256:def' },
    ],
  });
  // Another digest, broker or store is another pod.
  expect(patches.map(({ target, patch }) => [target, JSON.parse(patch) as unknown])).toEqual(
    images.map(({ service, digest }) => [
      { kind: 'Deployment', name: service },
      [
        {
          op: 'add',
          path: '/spec/template/metadata/annotations/purchase-system~1image',
          value: `${digest} rabbitmq+postgresql`,
        },
      ],
    ]),
  );
});

test.each([
  ['components: [../../components/store-mongodb]', '0 lines for the broker'],
  ['components: [../../components/broker-a, ../../components/broker-b]', '2 lines for the broker'],
  ['components: [../../components/broker-a]', '0 lines for the store'],
  ['resources: [a]', 'no components'],
])('an overlay with %s is refused', (dev, problem) => {
  expect(() => chosenKustomization(dev, choice)).toThrow(problem);
});
