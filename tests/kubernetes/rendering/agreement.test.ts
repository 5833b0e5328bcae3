import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot, readRunFile } from '@unity-purchase/tools';
import { brokerDiff, brokerDiffFile } from './broker-diff.js';
import { production, renderedCombination } from './combinations.js';
import { annotation, containerOf, deploymentsIn } from '../policies/policy.js';
import { scaling } from '../policies/scaling.js';
import { manifests } from './render.js';

const read = (path: string): Promise<string> => readFile(join(projectRoot, path), 'utf8');

/** Variables of Node.js, which the page need not explain. */
const nodeVariables = ['NODE_ENV', 'NODE_OPTIONS'];

test('sidecars probe health in a cluster as they do on one machine', async () => {
  const { apps } = await readRunFile(join(projectRoot, 'dapr.yaml'));
  const { objects } = await renderedCombination(production);
  const probes = deploymentsIn(objects).map((deployment) => ({
    id: annotation(deployment, 'dapr.io/app-id'),
    port: Number(annotation(deployment, 'dapr.io/app-port')),
    path: annotation(deployment, 'dapr.io/app-health-check-path'),
    interval: Number(annotation(deployment, 'dapr.io/app-health-probe-interval')),
    timeout: Number(annotation(deployment, 'dapr.io/app-health-probe-timeout')),
    threshold: Number(annotation(deployment, 'dapr.io/app-health-threshold')),
  }));
  expect(probes).toEqual(
    apps.map(({ appId, appPort, appHealth }) => ({
      id: appId,
      port: appPort,
      path: appHealth.path,
      interval: appHealth.probeIntervalSeconds,
      timeout: appHealth.probeTimeoutMs,
      threshold: appHealth.threshold,
    })),
  );
});

test('every environment variable of a pod is documented', async () => {
  const known = await read('docs/configuration.md');
  const { objects } = await renderedCombination(production);
  const settings = objects.flatMap((object) =>
    object.metadata.name.startsWith('storefront-settings') ? Object.keys(object['data'] ?? {}) : [],
  );
  const used = deploymentsIn(objects).flatMap((deployment) =>
    containerOf(deployment).env.map(({ name }) => name),
  );
  const unknown = [...new Set([...used, ...settings])].filter(
    (name) => !nodeVariables.includes(name) && !known.includes(`\`${name}\``),
  );
  expect(unknown).toEqual([]);
  expect(settings.length).toBeGreaterThan(2);
});

test('the numbers on the page about scaling match the manifests', async () => {
  const page = await readFile(join(manifests, 'README.md'), 'utf8');
  expect(page).toContain(
    `${scaling.minReplicaCount} to ${scaling.maxReplicaCount} pods, one for every ${scaling.requestsPerSecondAndPod} requests per second`,
  );
  expect(page).toContain(
    `${scaling.minReplicaCount} to ${scaling.maxReplicaCount} pods, one for every ${scaling.waitingEventsPerPod} events that wait`,
  );
});

test('the documented broker diff matches the manifests (npm run docs:broker-diff writes it)', async () => {
  expect(await readFile(brokerDiffFile, 'utf8')).toBe(await brokerDiff());
});
