import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { versions } from '@unity-purchase/tools';
import { manifests, render, type Manifest } from '../rendering/render.js';
import { readChartValues, readValues, unknownValues } from './chart-values.js';
import { daprChartFolder, renderChart } from './helm.js';
import { infrastructure, inOrder, readPieces } from './pieces.js';

const pieces = await readPieces();
const charts = pieces.filter(({ chart }) => chart !== undefined);
const folders = pieces.flatMap(({ folder }) => folder ?? []);

/** The API groups of Kubernetes itself, which need no definitions. */
const builtIn = [
  'v1',
  'apps/v1',
  'batch/v1',
  'policy/v1',
  'networking.k8s.io/v1',
  'rbac.authorization.k8s.io/v1',
  'scheduling.k8s.io/v1',
];

describe('charts.yaml', () => {
  test('names charts with exact versions and values, or kustomizations', () => {
    for (const { name, chart, repository, version, folder } of pieces) {
      if (folder !== undefined) {
        expect({ name, chart, repository, version }).toEqual({ name });
        expect(existsSync(join(infrastructure, folder, 'kustomization.yaml'))).toBe(true);
        continue;
      }
      expect(repository).toMatch(/^(https|oci):\/\//);
      expect(version).toMatch(/^v?\d+\.\d+\.\d+$/);
      expect([name, existsSync(join(infrastructure, name, 'values.yaml'))]).toEqual([name, true]);
    }
  });

  test('has a folder for every entry and an entry for every folder', async () => {
    const entries = await readdir(infrastructure, { withFileTypes: true });
    const there = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const variants = there.filter((name) => name.endsWith('-single-node'));
    expect(there.filter((name) => !variants.includes(name)).toSorted()).toEqual(
      pieces.map(({ name }) => name).toSorted(),
    );
    for (const variant of variants) expect(folders).toContain(variant.replace('-single-node', ''));
  });

  test('has the versions that the other tests use', async () => {
    const kafka = (await render(join(infrastructure, 'kafka'))).find(({ kind }) => kind === 'Kafka');
    expect(kafka?.['spec']).toMatchObject({ kafka: { version: versions.kafka } });
    expect(pieces.find(({ name }) => name === 'keda')?.version).toBe(versions.keda);
    expect(pieces.find(({ name }) => name === 'dapr')?.version).toBe(versions.daprd);
  });

  test('creates every namespace before it is used', async () => {
    const namespaces = (await render(join(infrastructure, 'namespaces'))).filter(
      ({ kind }) => kind !== 'PriorityClass',
    );
    const names = namespaces.map(({ metadata }) => metadata.name);
    expect(inOrder(pieces)[0]?.name).toBe('namespaces');
    for (const { namespace } of pieces) expect(names).toContain(namespace);
    for (const { kind, metadata } of namespaces) {
      expect(kind).toBe('Namespace');
      expect(metadata.labels).toHaveProperty(
        ['pod-security.kubernetes.io/enforce'],
        expect.stringMatching(/^(restricted|baseline|privileged)$/),
      );
      expect(metadata.annotations).toEqual({
        'argocd.argoproj.io/sync-options': 'Prune=confirm,Delete=confirm',
      });
    }
  });

  test.each(folders)('installs the definitions that %s needs in an earlier wave', async (folder) => {
    const wave = pieces.find((piece) => piece.folder === folder)?.wave ?? Number.NEGATIVE_INFINITY;
    const groups = pieces
      .filter((piece) => piece.wave < wave)
      .flatMap((piece) => piece['api-groups']?.split(' ') ?? []);
    for (const { apiVersion } of await render(join(infrastructure, folder)))
      if (!builtIn.includes(apiVersion)) expect(groups).toContain(apiVersion.split('/')[0]);
  });
});

describe('namespaces with purchase data', () => {
  test.each(['kafka', 'mongodb'])('%s is excluded from pruning and deletion', async (folder) => {
    for (const { kind, metadata } of await render(join(infrastructure, folder)))
      expect([kind, metadata.annotations?.['argocd.argoproj.io/sync-options'], metadata.namespace]).toEqual([
        kind,
        'Prune=false,Delete=false',
        folder,
      ]);
  });
});

type KafkaSpec = {
  kafka: {
    version: string;
    rack?: { topologyKey: string };
    authorization: { type: string };
    listeners: {
      tls: boolean;
      port: number;
      authentication: { type: string };
      networkPolicyPeers: {
        namespaceSelector?: { matchLabels: Record<string, string> };
        podSelector: { matchLabels: Record<string, string> };
      }[];
    }[];
    config: Record<string, number | boolean>;
  };
  entityOperator: Record<string, unknown>;
};
type NodePoolSpec = {
  replicas: number;
  roles: string[];
  storage: { volumes: { deleteClaim: boolean }[] };
};

describe.each([
  ['kafka', 3, 2],
  ['kafka-single-node', 1, 1],
] as const)('%s', (folder, copies, inSync) => {
  let kafka: KafkaSpec;
  let pools: NodePoolSpec[];
  beforeAll(async () => {
    const all = await render(join(infrastructure, folder));
    const ofKind = (kind: string): Manifest[] => all.filter((manifest) => manifest.kind === kind);
    expect(ofKind('Kafka').map(({ metadata }) => metadata.name)).toEqual(['kafka']);
    kafka = ofKind('Kafka')[0]?.['spec'] as KafkaSpec;
    pools = ofKind('KafkaNodePool').map(({ spec }) => spec as NodePoolSpec);
    for (const { apiVersion } of [...ofKind('Kafka'), ...ofKind('KafkaNodePool')])
      expect(apiVersion).toBe('kafka.strimzi.io/v1');
  });

  const nodes = (role: string): number =>
    pools.filter(({ roles }) => roles.includes(role)).reduce((sum, { replicas }) => sum + replicas, 0);

  test(`keeps an event ${copies} times, ${inSync} of them before it is acknowledged`, () => {
    const { config } = kafka.kafka;
    expect(config).toMatchObject({
      'default.replication.factor': copies,
      'min.insync.replicas': inSync,
      'offsets.topic.replication.factor': copies,
      'transaction.state.log.replication.factor': copies,
      'transaction.state.log.min.isr': inSync,
      'auto.create.topics.enable': false,
    });
    expect(nodes('broker')).toBeGreaterThanOrEqual(copies);
    expect(nodes('controller') % 2).toBe(1);
    if (copies === 1) return;
    // One broker may fail, and every event still has two copies.
    expect(inSync).toBeGreaterThanOrEqual(2);
    expect(copies).toBeGreaterThan(inSync);
    expect(nodes('controller')).toBeGreaterThanOrEqual(3);
    expect(pools.filter(({ roles }) => roles.length > 1)).toEqual([]);
    expect(kafka.kafka.rack).toEqual({ topologyKey: 'topology.kubernetes.io/zone' });
  });

  test('admits only sidecars, KEDA and the Jobs of operators, with a certificate', () => {
    const { listeners, authorization } = kafka.kafka;
    expect(authorization).toEqual({ type: 'simple' });
    expect(listeners).toHaveLength(1);
    expect(listeners[0]).toMatchObject({ port: 9093, tls: true, authentication: { type: 'tls' } });
    expect(
      listeners[0]?.networkPolicyPeers.map(
        ({ namespaceSelector, podSelector }) =>
          namespaceSelector?.matchLabels['kubernetes.io/metadata.name'] ??
          podSelector.matchLabels['app.kubernetes.io/name'],
      ),
    ).toEqual(['purchase-system', 'keda', 'kafka-operators']);
    expect(Object.keys(kafka.entityOperator)).toEqual(['topicOperator', 'userOperator']);
  });

  test('keeps its volumes when it is deleted', () => {
    for (const { storage } of pools)
      for (const { deleteClaim } of storage.volumes) expect(deleteClaim).toBe(false);
  });
});

describe('mongodb', () => {
  type MongodbSpec = {
    members: number;
    security: { authentication: { modes: string[] } };
    users: {
      name: string;
      db: string;
      connectionStringSecretName: string;
      roles: { name: string; db: string }[];
    }[];
  };

  test('keeps a majority when one of three members is down, and requires passwords', async () => {
    const all = await render(join(infrastructure, 'mongodb'));
    const { members, security, users } = all.find(({ kind }) => kind === 'MongoDBCommunity')?.[
      'spec'
    ] as MongodbSpec;
    expect(members).toBe(3);
    expect(security.authentication.modes).toEqual(['SCRAM']);
    expect(users.find(({ name }) => name === 'purchase-system')?.roles).toEqual([
      { name: 'readWrite', db: 'purchases' },
    ]);
    expect(JSON.stringify(all)).not.toMatch(/"kind":"Secret"/);
  });

  test("stores its credentials where only the product's store component may read them", async () => {
    const file = join(manifests, 'components/store-mongodb/secrets.yaml');
    const all = await render(join(infrastructure, 'mongodb'));
    const { users } = all.find(({ kind }) => kind === 'MongoDBCommunity')?.['spec'] as MongodbSpec;
    const user = users.find(({ name }) => name === 'purchase-system');
    expect(await readFile(file, 'utf8')).toContain(
      `resourceNames: [${user?.connectionStringSecretName ?? ''}]`,
    );
    // The operator's default name, which administrators expect.
    expect(user?.connectionStringSecretName).toBe(`mongodb-${user?.db ?? ''}-${user?.name ?? ''}`);
  });

  test('is backed up every night by a pod with no other permissions', async () => {
    const all = await render(join(infrastructure, 'mongodb'));
    const job = all.find(({ kind, metadata }) => kind === 'CronJob' && metadata.name === 'backup')?.[
      'spec'
    ] as {
      concurrencyPolicy: string;
      jobTemplate: {
        spec: {
          template: {
            spec: { securityContext: unknown; containers: { securityContext: unknown; image: string }[] };
          };
        };
      };
    };
    expect(job.concurrencyPolicy).toBe('Forbid');
    const { securityContext, containers } = job.jobTemplate.spec.template.spec;
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(containers[0]?.image).toMatch(/:\d+\.\d+\.\d+$/);
  });

  test('has one member on a single node', async () => {
    const all = await render(join(infrastructure, 'mongodb-single-node'));
    expect(all.find(({ kind }) => kind === 'MongoDBCommunity')?.['spec']).toMatchObject({ members: 1 });
  });
});

describe('values', () => {
  test('make Prometheus scrape our objects often enough for a one-minute rate', async () => {
    const values = await readValues(join(infrastructure, 'kube-prometheus-stack/values.yaml'));
    expect(values).toMatchObject({
      prometheus: {
        prometheusSpec: {
          podMonitorSelectorNilUsesHelmValues: false,
          serviceMonitorSelectorNilUsesHelmValues: false,
          ruleSelectorNilUsesHelmValues: false,
          scrapeInterval: '15s',
        },
      },
    });
  });

  test('run two KEDA operators with leader election and expose their metrics', async () => {
    const values = await readValues(join(infrastructure, 'keda/values.yaml'));
    expect(values).toMatchObject({
      operator: { replicaCount: 2 },
      prometheus: { operator: { enabled: true, podMonitor: { enabled: true } } },
    });
  });

  test.each(charts.map(({ name }) => name))(
    'of %s for a single node only change values that are set otherwise',
    async (name) => {
      const file = join(infrastructure, name, 'values-single-node.yaml');
      if (!existsSync(file)) return;
      const differences = unknownValues(
        await readValues(file),
        await readValues(join(infrastructure, name, 'values.yaml')),
      );
      expect(differences).toEqual([]);
    },
  );
});

describe('dapr', () => {
  const { version = '', namespace = '' } = pieces.find(({ name }) => name === 'dapr') ?? {};
  const ours = ['values.yaml', 'values-single-node.yaml'].map((file) => join(infrastructure, 'dapr', file));
  let chart: string;
  beforeAll(async () => {
    chart = await daprChartFolder(version);
  });

  test('gets only values that its chart knows, because Helm ignores unknown ones', async () => {
    const known = await readChartValues(chart);
    for (const file of ours) expect([file, unknownValues(await readValues(file), known)]).toEqual([file, []]);
    const misspelt = { dapr_sidecar_injector: { sidecarDropAllCapabilities: true, resources: { any: 1 } } };
    expect(unknownValues(misspelt, known)).toEqual(['dapr_sidecar_injector.sidecarDropAllCapabilities']);
  });

  test('runs three replicas of each used part with a disruption budget, and no unused part', async () => {
    const all = await renderChart(chart, { namespace, values: ours.slice(0, 1) });
    const named = (kind: string): string[] =>
      all
        .filter((manifest) => manifest.kind === kind)
        .map(({ metadata }) => metadata.name)
        .toSorted();
    const parts = ['dapr-operator', 'dapr-sentry', 'dapr-sidecar-injector'];
    expect(named('Deployment')).toEqual(parts);
    expect(named('PodDisruptionBudget')).toHaveLength(parts.length);
    // Placement and scheduler are StatefulSets.
    expect(named('StatefulSet')).toEqual([]);
    for (const manifest of all.filter(({ kind }) => kind === 'Deployment'))
      expect(manifest['spec']).toMatchObject({
        replicas: 3,
        template: {
          spec: {
            priorityClassName: 'purchase-infrastructure',
            containers: [
              {
                securityContext: {
                  runAsNonRoot: true,
                  readOnlyRootFilesystem: true,
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ['ALL'] },
                  seccompProfile: { type: 'RuntimeDefault' },
                },
              },
            ],
          },
        },
      });
  });

  test('starts no pod of the product without an unprivileged sidecar, and affects no other pod', async () => {
    const all = await renderChart(chart, { namespace, values: ours.slice(0, 1) });
    expect(all.find(({ kind }) => kind === 'MutatingWebhookConfiguration')?.['webhooks']).toMatchObject([
      {
        failurePolicy: 'Fail',
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'purchase-system' } },
      },
    ]);
    const injector = JSON.stringify(
      all.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'dapr-sidecar-injector'),
    );
    for (const [name, value] of [
      ['SIDECAR_DROP_ALL_CAPABILITIES', 'true'],
      ['SIDECAR_RUN_AS_NON_ROOT', 'true'],
      ['SIDECAR_READ_ONLY_ROOT_FILESYSTEM', 'true'],
      ['ACTORS_ENABLED', 'false'],
    ])
      expect(injector).toContain(JSON.stringify({ name, value }));
    expect(injector).toContain('--scheduler-enabled=false');
  });

  test('runs one replica of each part on a single node', async () => {
    const all = await renderChart(chart, { namespace, values: ours });
    for (const manifest of all.filter(({ kind }) => kind === 'Deployment'))
      expect(manifest['spec']).toMatchObject({ replicas: 1 });
  });
});
