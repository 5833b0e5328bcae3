import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { manifests, render, type Manifest } from './render.js';

/** Renders the base with the component for traces. */
async function renderTraced(): Promise<Manifest[]> {
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-traced-'));
  const from = (path: string) => relative(folder, join(manifests, path));
  try {
    const content = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [from('base')],
      components: [from('components/traces')],
    };
    await writeFile(join(folder, 'kustomization.yaml'), stringify(content));
    return await render(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('the component for traces sends those of services and sidecars to one collector, which they may reach', async () => {
  const all = await renderTraced();
  const collector = 'otel-collector.monitoring.svc.cluster.local:4318';
  expect(all.find(({ kind }) => kind === 'Configuration')?.['spec']).toMatchObject({
    tracing: { samplingRate: '1', otel: { endpointAddress: collector, isSecure: false, protocol: 'http' } },
  });
  const services = all.filter(({ kind }) => kind === 'Deployment');
  expect(services).toHaveLength(2);
  for (const { spec } of services)
    expect(JSON.stringify(spec)).toContain(
      JSON.stringify({ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: `http://${collector}` }),
    );
  const policy = all.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'traces');
  expect(policy?.['spec']).toMatchObject({
    egress: [
      {
        to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
        ports: [{ protocol: 'TCP', port: 4318 }],
      },
    ],
  });
});
