import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseEnv } from 'node:util';
import { deploymentsIn, containerOf, named } from '../policies/policy.js';
import { production, renderIn, withCopy } from '../rendering/combinations.js';
import { manifests, manifestsIn, render, type Manifest } from '../rendering/render.js';
import { configured } from '../scripts/configured-scripts.js';
import { clusters, readApplications, readProjects, readRoot, sourcesOf } from './applications.js';

const file = 'installation/installation.env';

/** Another installation: every value is different. */
const other: Readonly<Record<string, string>> = {
  REPOSITORY: 'https://git.test/fork/shop.git',
  BRANCH: 'trunk',
  PRODUCTION_BRANCH: 'live',
  RUNBOOKS: 'https://git.test/fork/shop/runbooks.md',
  REGISTRY: 'registry.test/fork',
  PUBLIC_URL: 'https://buy.test',
  STAGING_URL: 'https://try.test',
  OIDC_ISSUER: 'https://issuer.test/realm',
  OIDC_CLIENT_ID: 'fork',
  TRUST_PROXY: '2',
  TRACES_COLLECTOR: 'jaeger.traces.svc.cluster.local:4000',
  TRACES_COLLECTOR_APP: 'jaeger',
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

      const text = await renderIn(copy, {
        ...production,
        overlay: cluster,
        option: 'policies/signed-images',
      });
      const objects = manifestsIn(text);
      for (const deployment of deploymentsIn(objects))
        expect(containerOf(deployment).image).toMatch(
          `${other['REGISTRY'] ?? ''}/${deployment.metadata.name}:`,
        );
      expect(named(objects, 'HTTPRoute', 'storefront')['spec']).toMatchObject({
        hostnames: [hosts[cluster]],
      });
      expectSignedImages(objects);
      const runbooks = [...text.matchAll(/runbook_url: (.+)#/g)].map(([, page]) => page);
      expect(new Set(runbooks)).toEqual(new Set([other['RUNBOOKS']]));
      // Nothing of the previous installation is left.
      const all = [text, JSON.stringify(applications)].join('');
      for (const [key, value] of Object.entries(before))
        if (!['BRANCH', 'PRODUCTION_BRANCH', 'OIDC_CLIENT_ID', 'TRUST_PROXY'].includes(key))
          expect([key, all.includes(value ?? '')]).toEqual([key, false]);
    }
  });
});

/** Expects that images are accepted only from the other registry, and only if the other repository signed them. */
function expectSignedImages(objects: readonly Manifest[]): void {
  expect(named(objects, 'ValidatingAdmissionPolicy', 'purchase-system-registry')['spec']).toMatchObject({
    variables: [{ name: 'registry', expression: "'registry.test/fork'" }],
  });
  const signatures = named(objects, 'ImageValidatingPolicy', 'purchase-system-images')['spec'];
  expect(signatures).toMatchObject({
    matchImageReferences: [{ glob: 'registry.test/fork/*' }],
    attestors: [
      {
        cosign: {
          keyless: {
            identities: [
              {
                subjectRegExp: String.raw`^()https://git.test/fork/shop()/\.github/workflows/release\.yaml@refs/tags/v?[0-9]+\.[0-9]+\.[0-9]+$`,
              },
            ],
          },
        },
      },
    ],
  });
  expect(JSON.stringify(signatures)).toContain("workflow.repository == 'https://git.test/fork/shop' &&");
}

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
    RUNBOOKS_URL: values['RUNBOOKS'],
  });
});
