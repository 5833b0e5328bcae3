import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseEnv } from 'node:util';
import { deploymentsIn, containerOf, named } from '../policies/policy.js';
import { withCopy } from '../rendering/combinations.js';
import { manifests, render, renderText } from '../rendering/render.js';
import { configured } from '../scripts/configured-scripts.js';
import { clusters, readApplications, readProjects, readRoot, sourcesOf } from './applications.js';

const file = 'installation/installation.env';

/** Another installation: every value is different. */
const other: Readonly<Record<string, string>> = {
  REPOSITORY: 'https://git.test/fork/shop.git',
  BRANCH: 'trunk',
  PRODUCTION_BRANCH: 'live',
  REGISTRY: 'registry.test/fork',
  PUBLIC_URL: 'https://buy.test',
  STAGING_URL: 'https://try.test',
  OIDC_ISSUER: 'https://issuer.test/realm',
  OIDC_CLIENT_ID: 'fork',
  TRUST_PROXY: '2',
};

const branches = { prod: 'live', staging: 'trunk' };
const hosts = { prod: 'buy.test', staging: 'try.test' };

test('one file decides about repository, branch, registry, addresses and sign-in of everything that Argo CD applies', async () => {
  const before = parseEnv(await readFile(join(manifests, file), 'utf8'));
  for (const values of [other, parseEnv(configured)])
    expect(Object.keys(values).toSorted()).toEqual(Object.keys(before).toSorted());
  await withCopy(async (copy) => {
    const k8s = join(copy, 'k8s');
    const lines = Object.entries(other).map(([key, value]) => `${key}=${value}\n`);
    await writeFile(join(k8s, file), lines.join(''));

    for (const cluster of clusters) {
      const root = await readRoot(cluster, k8s);
      const applications = [root, ...(await readApplications(cluster, k8s)).values()];
      const own = applications.flatMap(sourcesOf).filter(({ chart }) => chart === undefined);
      expect(own).toHaveLength(applications.length);
      for (const { repoURL, targetRevision } of own)
        expect({ repoURL, targetRevision }).toEqual({
          repoURL: other['REPOSITORY'],
          targetRevision: branches[cluster],
        });
      for (const { spec } of (await readProjects(cluster, k8s)).values())
        expect(spec.sourceRepos).toContain(other['REPOSITORY']);

      const overlay = join(k8s, 'overlays', cluster);
      const objects = await render(overlay);
      for (const deployment of deploymentsIn(objects))
        expect(containerOf(deployment).image).toMatch(
          `${other['REGISTRY'] ?? ''}/${deployment.metadata.name}:`,
        );
      expect(named(objects, 'HTTPRoute', 'storefront')['spec']).toMatchObject({
        hostnames: [hosts[cluster]],
      });
      // Nothing of the previous installation is left, except where alerts link to the runbook.
      const all = [await renderText(overlay), JSON.stringify(applications)].join('');
      const rest = all.replaceAll(/runbook_url: \S+/g, '');
      for (const [key, value] of Object.entries(before))
        if (!['BRANCH', 'PRODUCTION_BRANCH', 'OIDC_CLIENT_ID', 'TRUST_PROXY'].includes(key))
          expect([key, rest.includes(value ?? '')]).toEqual([key, false]);
    }
  });
});

test.each(clusters)('the storefront of %s gets its settings from that file', async (cluster) => {
  const values = parseEnv(await readFile(join(manifests, file), 'utf8'));
  const objects = await render(join(manifests, 'overlays', cluster));
  const [deployment] = deploymentsIn(objects).filter(({ metadata }) => metadata.name === 'storefront');
  const [from] = deployment === undefined ? [] : (containerOf(deployment).envFrom ?? []);
  expect(named(objects, 'ConfigMap', from?.configMapRef.name ?? '')['data']).toEqual({
    PUBLIC_URL: cluster === 'prod' ? values['PUBLIC_URL'] : values['STAGING_URL'],
    OIDC_ISSUER: values['OIDC_ISSUER'],
    OIDC_CLIENT_ID: values['OIDC_CLIENT_ID'],
    TRUST_PROXY: values['TRUST_PROXY'],
  });
});
