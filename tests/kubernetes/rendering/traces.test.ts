import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { configured } from '../scripts/configured-scripts.js';
import { production, renderIn, withCopy } from './combinations.js';
import { manifestsIn } from './render.js';

test('the component for traces sends those of services and sidecars to the collector that the installation names, and lets them through', async () => {
  const objects = await withCopy(async (copy) => {
    await writeFile(join(copy, 'k8s/installation/installation.env'), configured);
    return manifestsIn(await renderIn(copy, { ...production, option: 'traces' }));
  });
  const collector = 'jaeger.traces.svc.cluster.local:4000';
  expect(configured).toContain(`TRACES_COLLECTOR=${collector}\nTRACES_COLLECTOR_APP=jaeger\n`);
  expect(objects.find(({ kind }) => kind === 'Configuration')?.['spec']).toMatchObject({
    tracing: { samplingRate: '1', otel: { endpointAddress: collector, isSecure: false, protocol: 'http' } },
  });
  const services = objects.filter(({ kind }) => kind === 'Deployment');
  expect(services).toHaveLength(2);
  for (const { spec } of services)
    expect(JSON.stringify(spec)).toContain(
      JSON.stringify({ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: `http://${collector}` }),
    );
  const policy = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'traces');
  expect(policy?.['spec']).toMatchObject({
    egress: [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'traces' } },
            podSelector: { matchLabels: { 'app.kubernetes.io/name': 'jaeger' } },
          },
        ],
        ports: [{ protocol: 'TCP', port: 4000 }],
      },
    ],
  });
});
