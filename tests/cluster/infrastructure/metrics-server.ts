import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseQuantity, upstreamFolder, waitUntil } from '@unity-purchase/tools';
import { stringify } from 'yaml';
import type { RealCluster } from '../nodes/real-cluster.js';
import { renderKustomization } from './local-chart.js';

/** It asks the nodes every 15 s, and needs two answers. */
const readyWithinMs = 120_000;

type PodMetrics = {
  items: { metadata: { namespace: string }; containers: { usage: { memory: string } }[] }[];
};

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

/** The memory that the pods of some namespaces use, in MiB. */
export async function memoryOf(
  { controlPlane }: RealCluster,
  namespaces: readonly string[],
): Promise<number> {
  const { items } = await controlPlane.client.getJson<PodMetrics>('/apis/metrics.k8s.io/v1beta1/pods');
  return items
    .filter(({ metadata }) => namespaces.includes(metadata.namespace))
    .flatMap(({ containers }) => containers)
    .reduce((sum, { usage }) => sum + parseQuantity(usage.memory) / 2 ** 20, 0);
}
