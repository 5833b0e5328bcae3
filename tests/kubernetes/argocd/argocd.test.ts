import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { projectRoot } from '@unity-purchase/tools';
import {
  clusters,
  readApplications,
  readProjects,
  readRoot,
  sourcesOf,
  waveOf,
  type Application,
} from './applications.js';
import { brokers } from '../brokers/cluster-brokers.js';
import {
  gateways,
  options,
  production,
  renderedCombinations,
  renderIn,
  stores,
  withCopy,
} from '../rendering/combinations.js';
import { manifests, manifestsIn, render, type Manifest } from '../rendering/render.js';
import { infrastructure, readPieces } from '../infrastructure/pieces.js';

const applications = await readApplications('prod');
const projects = await readProjects('prod');
const root = await readRoot('prod');
const staging = await readApplications('staging');
const pieces = await readPieces();
const all = [root, ...applications.values()];
const each = [
  ...all.map((application) => [application.metadata.name, application] as const),
  ...[await readRoot('staging'), ...staging.values()].map(
    (application) => [`${application.metadata.name} of staging`, application] as const,
  ),
];

const projectOf = ({ spec }: Application) => {
  const project = projects.get(spec.project);
  if (!project) throw new Error(`no project ${spec.project}`);
  return project;
};

/** The cluster-scoped kinds in our own manifests. */
const clusterKinds = [
  'Namespace',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ImageValidatingPolicy',
];

describe('Applications', () => {
  test('are the entries of charts.yaml, with the same versions, and the product', () => {
    expect([...applications.keys()].toSorted()).toEqual(
      [...pieces.map(({ name }) => name), 'purchase-system'].toSorted(),
    );
    for (const piece of pieces) {
      const application = applications.get(piece.name);
      const [first, second] = application ? sourcesOf(application) : [];
      const { name, chart, repository, version, folder } = piece;
      expect(application?.spec.destination.namespace).toBe(piece.namespace);
      if (folder !== undefined) {
        expect(first).toMatchObject({ path: `k8s/infrastructure/${folder}` });
        continue;
      }
      expect(first).toEqual({
        repoURL: repository?.replace('oci://', ''),
        chart,
        targetRevision: version,
        // The release name of the scripts, so that Argo CD takes over what they installed.
        helm: { releaseName: name, valueFiles: [`$values/k8s/infrastructure/${name}/values.yaml`] },
      });
      expect(second).toMatchObject({ ref: 'values' });
    }
  });

  test('sync in the waves of charts.yaml, with the product last', () => {
    for (const { name, wave } of pieces)
      expect([name, waveOf(applications.get(name) ?? root)]).toEqual([name, wave]);
    const wave = (name: string): number => waveOf(applications.get(name) ?? root);
    const operators = ['external-secrets', 'dapr', 'keda', 'strimzi', 'mongodb-operator'];
    expect(wave('namespaces')).toBeLessThan(wave('argocd'));
    expect(wave('kube-prometheus-stack')).toBeLessThan(Math.min(...operators.map(wave)));
    expect(Math.max(...operators.map(wave))).toBeLessThan(Math.min(wave('kafka'), wave('mongodb')));
    expect(Math.max(...pieces.map((piece) => piece.wave))).toBeLessThan(wave('purchase-system'));
  });

  test('wait for the previous wave, because Argo CD has a health check for Applications', async () => {
    const values = parse(await readFile(join(infrastructure, 'argocd/values.yaml'), 'utf8')) as {
      configs: { cm: Record<string, string> };
    };
    const lua = values.configs.cm['resource.customizations.health.argoproj.io_Application'];
    expect(lua).toMatch(/hs\.status = "Progressing"/);
    expect(lua).toMatch(/hs\.status = obj\.status\.health\.status/);
    expect(lua).toMatch(/return hs\n$/);
    // Argo CD has no built-in health check for MongoDB.
    expect(values.configs.cm).toHaveProperty([
      'resource.customizations.health.mongodbcommunity.mongodb.com_MongoDBCommunity',
    ]);
  });

  test('reach their Redis although everything else is denied', async () => {
    const values = parse(await readFile(join(infrastructure, 'argocd/values.yaml'), 'utf8')) as {
      global: { networkPolicy: { create: boolean; defaultDenyIngress: boolean } };
      'redis-ha'?: { enabled: boolean };
    };
    expect(values.global.networkPolicy).toEqual({ create: true, defaultDenyIngress: true });
    // The chart admits clients to its single Redis only. With redis-ha, nothing reaches its proxy and its nodes.
    expect(values['redis-ha']?.enabled ?? false).toBe(false);
  });

  test.each(each)('%s points to existing paths and files', (_, application) => {
    for (const { path, helm } of sourcesOf(application)) {
      if (path !== undefined) expect([path, existsSync(join(projectRoot, path))]).toEqual([path, true]);
      for (const file of helm?.valueFiles ?? [])
        expect([file, existsSync(join(projectRoot, file.replace('$values/', '')))]).toEqual([file, true]);
    }
  });

  test.each(each)('%s has a project that allows its source and destination', (_, application) => {
    const project = projectOf(application);
    for (const { repoURL } of sourcesOf(application)) expect(project.spec.sourceRepos).toContain(repoURL);
    expect(project.spec.destinations).toContainEqual(application.spec.destination);
  });

  test.each(each)(
    '%s syncs with server-side apply, corrects itself, and retries with increasing delays',
    (_, application) => {
      const { syncPolicy } = application.spec;
      expect(syncPolicy.automated).toEqual({ prune: true, selfHeal: true });
      expect(syncPolicy.syncOptions).toContain('ServerSideApply=true');
      expect(syncPolicy.syncOptions).toContain('FailOnSharedResource=true');
      expect(application.metadata.annotations).toHaveProperty(
        ['argocd.argoproj.io/compare-options'],
        'ServerSideDiff=true',
      );
      // A sync that failed for the last time is never tried again for the same commit. And a retry takes the newest commit:
      // otherwise the one that repairs it would never be tried.
      expect(syncPolicy.retry).toMatchObject({ limit: -1, refresh: true });
      expect(syncPolicy.retry.backoff.factor).toBeGreaterThan(1);
      // A finalizer would delete everything with the Application, including databases.
      expect(application.metadata).not.toHaveProperty('finalizers');
      if (application.metadata.name !== 'root')
        expect(syncPolicy.syncOptions).toContain('SkipDryRunOnMissingResource=true');
    },
  );

  test('of a cluster come from its folder, and nothing is left to replace', () => {
    expect(root.spec.source).toMatchObject({ path: 'k8s/argocd/clusters/prod/apps' });
    expect(applications.get('purchase-system')?.spec.source).toMatchObject({ path: 'k8s/overlays/prod' });
    expect(staging.get('purchase-system')?.spec.source).toMatchObject({ path: 'k8s/overlays/staging' });
    expect([...staging.keys()]).toEqual([...applications.keys()]);
    expect(JSON.stringify([...each, ...projects.values()])).not.toContain('__REPLACED__');
  });

  test.each(clusters)('are all that the root of %s creates', async (cluster) => {
    const objects = await render(join(manifests, 'argocd/clusters', cluster, 'apps'));
    expect(new Set(objects.map(({ kind }) => kind))).toEqual(new Set(['Application']));
  });

  test('of the product bring shoppers last, so that without a gateway everything else is already there', async () => {
    const waves = (await renderedCombinations()).flatMap(({ objects }) => {
      const waveOfKind = (kinds: readonly string[]): number[] =>
        objects
          .filter(({ kind }) => kinds.includes(kind))
          .map(({ metadata }) => Number(metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0));
      const last = waveOfKind(['HTTPRoute', 'Ingress']);
      const others = objects
        .map(({ kind }) => kind)
        .filter((kind) => !['HTTPRoute', 'Ingress'].includes(kind));
      return last.map((wave) => wave > Math.max(...waveOfKind(others)));
    });
    expect(waves.length).toBeGreaterThan(20);
    expect(waves).not.toContain(false);
  });

  test('of staging install one of everything, as the scripts do with --single-node', async () => {
    const variants = (await readdir(infrastructure, { recursive: true })).filter((name) =>
      /^[^/]+-single-node$|\/values-single-node\.yaml$/.test(name),
    );
    const used = (all: Iterable<Application>): string[] =>
      [...all].flatMap(sourcesOf).flatMap(({ path, helm }) => [path ?? '', ...(helm?.valueFiles ?? [])]);
    const small = used(staging.values());
    expect(variants.length).toBeGreaterThan(5);
    for (const name of variants)
      expect(small).toContain(`${name.endsWith('.yaml') ? '$values/' : ''}k8s/infrastructure/${name}`);
    expect(used(applications.values()).filter((name) => name.includes('single-node'))).toEqual([]);
  });

  test('ignore no replica counts, because no Deployment sets one', () => {
    expect(JSON.stringify(all)).not.toContain('/spec/replicas');
    expect(applications.get('purchase-system')?.spec).not.toHaveProperty('ignoreDifferences');
  });

  test('keep what Dapr writes into its own objects', () => {
    const dapr = applications.get('dapr');
    expect(dapr?.spec.ignoreDifferences?.map(({ kind, name }) => `${String(kind)} ${String(name)}`)).toEqual([
      'CustomResourceDefinition subscriptions.dapr.io',
      'Secret dapr-trust-bundle',
      'ConfigMap dapr-trust-bundle',
      'MutatingWebhookConfiguration dapr-sidecar-injector',
    ]);
    expect(dapr?.spec.syncPolicy.syncOptions).toContain('RespectIgnoreDifferences=true');
  });
});

describe('projects', () => {
  test("are two, and neither is Argo CD's unrestricted default project", () => {
    expect([...projects.keys()].toSorted()).toEqual(['purchase-infrastructure', 'purchase-system']);
    expect(JSON.stringify([...projects.values()])).not.toContain('*');
    expect(all.map(({ spec }) => spec.project)).not.toContain('default');
    expect(projects.get('purchase-system')?.spec.namespaceResourceWhitelist).toBeDefined();
  });

  /** Expects that the Application's project allows its objects. */
  const expectAllowed = (application: Application, objects: readonly Manifest[]): void => {
    const { destinations, clusterResourceWhitelist, namespaceResourceWhitelist } =
      projectOf(application).spec;
    for (const { apiVersion, kind, metadata } of objects) {
      const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
      if (clusterKinds.includes(kind)) {
        expect(clusterResourceWhitelist).toContainEqual({ group, kind });
        continue;
      }
      if (namespaceResourceWhitelist) expect(namespaceResourceWhitelist).toContainEqual({ group, kind });
      expect(destinations.map(({ namespace }) => namespace)).toContain(
        metadata.namespace ?? application.spec.destination.namespace,
      );
    }
  };

  test.each(
    [...applications.values(), ...staging.values()].flatMap((application) =>
      sourcesOf(application).flatMap(({ path }) =>
        path === undefined ? [] : [[application.metadata.name, path, application] as const],
      ),
    ),
  )('%s has a project that allows each kind and namespace in %s', async (_, path, application) => {
    expectAllowed(application, await render(join(projectRoot, path)));
  });

  test('allow the product with every other broker, store and gateway, so that changing one changes a single line', async () => {
    const product = applications.get('purchase-system') ?? root;
    const others = (await renderedCombinations()).filter(({ overlay }) => overlay === 'prod');
    expect(others).toHaveLength(brokers.length * stores.length + gateways.length - 1 + options.length);
    for (const { objects } of others) expectAllowed(product, objects);
  });

  test('allow the product with every option that the page offers, and it offers all that no overlay chooses', async () => {
    const product = applications.get('purchase-system') ?? root;
    const page = await readFile(join(manifests, 'components/README.md'), 'utf8');
    const [, list = ''] = page.split('\n## Options\n');
    const offered = [...list.matchAll(/^- `([\w/-]+)`/gm)].map(([, name = '']) => name);
    expect(offered).toEqual(expect.arrayContaining([...options]));
    await withCopy(async (copy) => {
      for (const option of offered)
        expectAllowed(product, manifestsIn(await renderIn(copy, { ...production, option })));
    });
  });
});
