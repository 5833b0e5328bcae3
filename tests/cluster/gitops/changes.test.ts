import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { manifests } from '../../kubernetes/rendering/render.js';
import { withInstallation, withKeptApplications, withLocalChart, withPlainServers } from './changes.js';

const read = (path: string) => readFile(join(manifests, path), 'utf8');

test('the installation gets another repository, and no address of an example', async () => {
  const text = withInstallation(await read('installation/installation.env'), 'git://10.0.0.1/shop.git');
  expect(text).toContain('\nREPOSITORY=git://10.0.0.1/shop.git\n');
  expect(text).toContain('\nPUBLIC_URL=https://shop.example.test\n');
  expect(text).not.toContain('example.com');
});

test('the overlay of staging gets plain servers, and another overlay is refused', async () => {
  const text = await read('overlays/staging/kustomization.yaml');
  const { components } = parse(withPlainServers(text)) as { components: string[] };
  expect(components).toContain('../../components/small-cluster');
  expect(components).not.toContain('../../components/external-secrets');
  expect(components).not.toContain('../../components/openid-connect');
  expect(() => withPlainServers('components: []\n')).toThrow('no external secrets');
});

test('the list of Applications has the kept ones only, and a missing one is reported', async () => {
  const text = await read('argocd/apps/kustomization.yaml');
  const { resources } = parse(withKeptApplications(text, ['dapr', 'namespaces'])) as { resources: string[] };
  expect(resources).toEqual(['dapr.yaml', 'namespaces.yaml']);
  expect(() => withKeptApplications(text, ['other'])).toThrow('there is no Application other');
});

test('an Application takes its chart from the repository, and one without a chart is refused', async () => {
  const chart = { address: 'git://10.0.0.1/shop.git', path: 'charts/dapr' };
  const { spec } = parse(withLocalChart(await read('argocd/apps/dapr.yaml'), chart)) as {
    spec: { sources: Record<string, unknown>[] };
  };
  expect(spec.sources[0]).toMatchObject({ repoURL: chart.address, path: chart.path, targetRevision: 'main' });
  expect(spec.sources[0]).not.toHaveProperty('chart');
  const text = await read('argocd/apps/namespaces.yaml');
  expect(() => withLocalChart(text, chart)).toThrow('no chart');
});
