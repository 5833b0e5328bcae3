import { expect, test } from '@jest/globals';
import { imagesInManifests } from './rendered-images.js';

test('imagesInManifests finds the images of all containers in every kind of workload', () => {
  expect(
    imagesInManifests(`
kind: Deployment
spec:
  template:
    spec:
      initContainers: [{ name: first, image: c:1 }]
      containers: [{ name: shop, image: b:1 }, { name: other, image: b:1 }]
---
kind: CronJob
spec: { jobTemplate: { spec: { template: { spec: { containers: [{ image: a:1 }] } } } } }
---
kind: ConfigMap
data: { image: not-an-image, containers: none }
`),
  ).toEqual(['a:1', 'b:1', 'c:1']);
});
