import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import type { Broker } from '../brokers/cluster-brokers.js';
import { manifests, render, type Manifest } from '../rendering/render.js';

/** Renders the base with a broker and the observability component. */
export async function renderObserved(broker: Broker): Promise<Manifest[]> {
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-observed-'));
  const from = (path: string) => relative(folder, join(manifests, path));
  try {
    await writeFile(
      join(folder, 'kustomization.yaml'),
      stringify({
        apiVersion: 'kustomize.config.k8s.io/v1beta1',
        kind: 'Kustomization',
        resources: [from('base')],
        components: [from(`components/broker-${broker}`), from('components/observability')],
      }),
    );
    return await render(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
