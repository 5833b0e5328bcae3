import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseQuantity, upstreamFolder, waitUntil } from '@unity-purchase/tools';
import { stringify } from 'yaml';
import type { RealCluster } from '../nodes/real-cluster.js';
import { renderKustomization } from './local-chart.js';

/** It asks the nodes every 15 s, and needs two answers. */
const readyWithinMs = 120_000;

type Named = { metadata: { namespace: string; name: string } };
type PodMetrics = { items: (Named & { containers: { usage: { memory: string } }[] })[] };
type Pods = { items: (Named & { status: { phase: string } })[] };

/** Installs metrics-server, which a cluster is expected to have. Resolves when it knows pods. */
export async function startMetricsServer({ controlPlane }: RealCluster, parent: string): Promise<void> {
  const folder = join(parent, 'metrics-server');
  await mkdir(folder, { recursive: true });
  await cp(join(await upstreamFolder('metrics-server'), 'manifests'), join(folder, 'manifests'), {
    recursive: true,
  });
  const objects = await renderKustomization(folder, {
    resources: ['manifests/base'],
    patches: [
      {
        target: { kind: 'Deployment' },
        // The kubelets of this cluster sign their own certificates.
        patch: stringify([
          { op: 'add', path: '/spec/template/spec/containers/0/args/-', value: '--kubelet-insecure-tls' },
        ]),
      },
    ],
  });
  await controlPlane.apply(objects.map((object) => stringify(object)).join('---\n'));
  await waitUntil(async () => {
    const { status } = await controlPlane.client.get('/apis/metrics.k8s.io/v1beta1/pods');
    return status === 200 || `the API server answers ${String(status)} to a question for metrics`;
  }, readyWithinMs);
}

/** The memory that the pods of some namespaces use, in MiB, once it is known of each. */
export async function memoryOf(
  { controlPlane: { client } }: RealCluster,
  namespaces: readonly string[],
): Promise<number> {
  const isOurs = ({ metadata }: Named): boolean => namespaces.includes(metadata.namespace);
  const nameOf = ({ metadata }: Named): string => `${metadata.namespace}/${metadata.name}`;
  let known: PodMetrics['items'] = [];
  await waitUntil(async () => {
    const pods = (await client.getJson<Pods>('/api/v1/pods')).items.filter(isOurs);
    known = (await client.getJson<PodMetrics>('/apis/metrics.k8s.io/v1beta1/pods')).items.filter(isOurs);
    const names = new Set(known.map(nameOf));
    const unknown = pods.filter((pod) => pod.status.phase === 'Running' && !names.has(nameOf(pod)));
    return unknown.length === 0 || `the memory of ${unknown.map(nameOf).join(', ')} is not known`;
  }, readyWithinMs);
  return known
    .flatMap(({ containers }) => containers)
    .reduce((sum, { usage }) => sum + parseQuantity(usage.memory) / 2 ** 20, 0);
}
