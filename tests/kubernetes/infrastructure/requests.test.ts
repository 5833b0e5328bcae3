import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { manifests, render, type Manifest } from '../rendering/render.js';
import { valuesOf } from './chart-sources.js';
import { merged, readValues } from './chart-values.js';
import { daprChartFolder, renderChart } from './helm.js';
import { infrastructure, readPieces } from './pieces.js';

type Resources = { requests?: { cpu?: string; memory?: string } };
type Sum = { cpu: number; memory: number; disk: number };

const units: Readonly<Record<string, number>> = { Ki: 1 / 1024 ** 2, Mi: 1 / 1024, Gi: 1 };

/** Cores, from `500m` or `2`. */
const cores = (text = '0'): number => (text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text));

/** GiB, from `512Mi` or `3Gi`. */
const gibibytes = (text = '0Gi'): number => Number(text.slice(0, -2)) * (units[text.slice(-2)] ?? Number.NaN);

const requestsOf = ({ requests }: Resources, copies: number): Sum => ({
  cpu: copies * cores(requests?.cpu),
  memory: copies * gibibytes(requests?.memory),
  disk: 0,
});
const diskOf = (sizes: readonly string[], copies: number): Sum => ({
  cpu: 0,
  memory: 0,
  disk: copies * sizes.map(gibibytes).reduce((sum, size) => sum + size, 0),
});

/** What the custom resources of Strimzi and the MongoDB operator, and our volumes, request. */
function requestsOfObject({ kind, spec }: Manifest): Sum[] {
  if (kind === 'KafkaNodePool') {
    const { replicas, resources, storage } = spec as {
      replicas: number;
      resources: Resources;
      storage: { volumes: { size: string }[] };
    };
    return [
      requestsOf(resources, replicas),
      diskOf(
        storage.volumes.map(({ size }) => size),
        replicas,
      ),
    ];
  }
  if (kind === 'Kafka') {
    const { entityOperator, kafkaExporter } = spec as {
      entityOperator: Record<string, { resources: Resources }>;
      kafkaExporter: { resources: Resources };
    };
    return [...Object.values(entityOperator), kafkaExporter].map(({ resources }) => requestsOf(resources, 1));
  }
  if (kind === 'MongoDBCommunity') {
    const { members, statefulSet } = spec as {
      members: number;
      statefulSet: {
        spec: {
          template: { spec: { containers: { resources: Resources }[] } };
          volumeClaimTemplates: { spec: { resources: { requests: { storage: string } } } }[];
        };
      };
    };
    const { template, volumeClaimTemplates } = statefulSet.spec;
    return [
      ...template.spec.containers.map(({ resources }) => requestsOf(resources, members)),
      diskOf(
        volumeClaimTemplates.map((claim) => claim.spec.resources.requests.storage),
        members,
      ),
    ];
  }
  if (kind === 'PersistentVolumeClaim') {
    const { resources } = spec as { resources: { requests: { storage: string } } };
    return [diskOf([resources.requests.storage], 1)];
  }
  return [];
}

/** What the pods of Deployments and StatefulSets request. */
function requestsOfWorkload({ kind, spec }: Manifest): Sum[] {
  if (kind !== 'Deployment' && kind !== 'StatefulSet') return [];
  const { replicas = 1, template } = spec as {
    replicas?: number;
    template: { spec: { containers: { resources?: Resources }[] } };
  };
  return template.spec.containers.map(({ resources = {} }) => requestsOf(resources, replicas));
}

type Size = { singleNode: boolean };

/** The values of a chart, as the scripts and Argo CD give them to Helm. */
async function valuesFor<T>(name: string, size: Size): Promise<T> {
  const files = valuesOf(name, size).filter(existsSync);
  const all = await Promise.all(files.map(readValues));
  return all.reduce((below, above) => merged(below, above)) as T;
}

async function requestsOfDapr(size: Size): Promise<Sum[]> {
  const { version = '', namespace = '' } = (await readPieces()).find(({ name }) => name === 'dapr') ?? {};
  const objects = await renderChart(await daprChartFolder(version), {
    namespace,
    values: valuesOf('dapr', size),
  });
  return objects.flatMap(requestsOfWorkload);
}

/** What Prometheus and Alertmanager request. */
async function requestsOfPrometheus(size: Size): Promise<Sum[]> {
  type Spec = { replicas: number; resources: Resources };
  type Claim = { volumeClaimTemplate: { spec: { resources: { requests: { storage: string } } } } };
  const { prometheus, alertmanager } = await valuesFor<{
    prometheus: { prometheusSpec: Spec & { storageSpec: Claim } };
    alertmanager: { alertmanagerSpec: Spec & { storage: Claim } };
  }>('kube-prometheus-stack', size);
  const { storageSpec, ...first } = prometheus.prometheusSpec;
  const { storage, ...second } = alertmanager.alertmanagerSpec;
  return [
    { ...first, claim: storageSpec },
    { ...second, claim: storage },
  ].flatMap(({ replicas, resources, claim }) => [
    requestsOf(resources, replicas),
    diskOf([claim.volumeClaimTemplate.spec.resources.requests.storage], replicas),
  ]);
}

/** What the other operators request, which their values say. */
async function requestsOfOperators(size: Size): Promise<Sum[]> {
  const strimzi = await valuesFor<{ replicas: number; resources: Resources }>('strimzi', size);
  const secrets = await valuesFor<{ replicaCount: number; resources: Resources }>('external-secrets', size);
  const mongodb = await valuesFor<{ operator: { resources: Resources } }>('mongodb-operator', size);
  const keda = await valuesFor<{
    operator: { replicaCount: number };
    metricsServer: { replicaCount: number };
    resources: Record<'operator' | 'metricServer' | 'webhooks', Resources>;
  }>('keda', size);
  return [
    requestsOf(strimzi.resources, strimzi.replicas),
    requestsOf(secrets.resources, secrets.replicaCount),
    requestsOf(mongodb.operator.resources, 1),
    requestsOf(keda.resources.operator, keda.operator.replicaCount),
    requestsOf(keda.resources.metricServer, keda.metricsServer.replicaCount),
    requestsOf(keda.resources.webhooks, 1),
  ];
}

/** What both services and their sidecars request with the smallest or the largest number of replicas. */
function requestsOfShop(objects: readonly Manifest[], count: 'minReplicaCount' | 'maxReplicaCount'): Sum[] {
  return objects
    .filter(({ kind }) => kind === 'Deployment')
    .flatMap(({ metadata, spec }) => {
      const scaled = objects.find(
        ({ kind, metadata: { name } }) => kind === 'ScaledObject' && name === metadata.name,
      );
      const replicas = (scaled?.['spec'] as Record<string, number>)[count] ?? Number.NaN;
      const { template } = spec as {
        template: {
          metadata: { annotations: Record<string, string> };
          spec: { containers: { resources: Resources }[] };
        };
      };
      const { annotations } = template.metadata;
      const sidecar = {
        requests: {
          cpu: annotations['dapr.io/sidecar-cpu-request'] ?? '',
          memory: annotations['dapr.io/sidecar-memory-request'] ?? '',
        },
      };
      return [...template.spec.containers.map(({ resources }) => resources), sidecar].map((resources) =>
        requestsOf(resources, replicas),
      );
    });
}

function row(name: string, sums: readonly Sum[]): string[] {
  const total = (of: keyof Sum): number => sums.reduce((sum, one) => sum + one[of], 0);
  return [name, total('cpu').toFixed(2), total('memory').toFixed(1), total('disk').toFixed(0)];
}

test('the documented sums of requests are those of the manifests', async () => {
  const shop = await render(join(manifests, 'overlays/prod'));
  const of = async (folder: string): Promise<Sum[]> =>
    (await render(join(infrastructure, folder))).flatMap(requestsOfObject);
  const page = await readFile(join(infrastructure, 'README.md'), 'utf8');
  const table = page
    .slice(page.indexOf('## What it requests'), page.indexOf('## Check that it works'))
    .split('\n')
    .filter((line) => /^\| [A-Z]/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const smallest = requestsOfShop(shop, 'minReplicaCount');
  const parts = await Promise.all(
    [false, true].map(async (singleNode) => {
      const ending = singleNode ? '-single-node' : '';
      return {
        Kafka: await of(`kafka${ending}`),
        MongoDB: await of(`mongodb${ending}`),
        'Prometheus and Alertmanager': await requestsOfPrometheus({ singleNode }),
        Dapr: await requestsOfDapr({ singleNode }),
        'The other operators': await requestsOfOperators({ singleNode }),
      };
    }),
  );
  expect(table.slice(1)).toEqual([
    ...parts.flatMap((each, index) =>
      Object.entries(each).map(([name, sums]) => row(index === 0 ? name : `${name}, single node`, sums)),
    ),
    row('The shop, 2 + 2 replicas', smallest),
    row('The shop, 10 + 10 replicas', requestsOfShop(shop, 'maxReplicaCount')),
    ...parts.map((each, index) =>
      row(`All of it with 2 + 2 replicas${index === 0 ? '' : ', single node'}`, [
        ...Object.values(each).flat(),
        ...smallest,
      ]),
    ),
  ]);
});
