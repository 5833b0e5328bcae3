import { expect, test } from '@jest/globals';
import { production, renderedCombination } from './combinations.js';

/** Rendering all combinations takes most of a minute. */
const timeoutMs = 300_000;

test(
  'the component for traces sends those of services and sidecars to one collector',
  async () => {
    const { objects } = await renderedCombination({ ...production, option: 'traces' });
    const collector = 'otel-collector.monitoring.svc.cluster.local:4318';
    expect(objects.find(({ kind }) => kind === 'Configuration')?.['spec']).toMatchObject({
      tracing: { samplingRate: '1', otel: { endpointAddress: collector, isSecure: false, protocol: 'http' } },
    });
    const services = objects.filter(({ kind }) => kind === 'Deployment');
    expect(services).toHaveLength(2);
    for (const { spec } of services)
      expect(JSON.stringify(spec)).toContain(
        JSON.stringify({ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: `http://${collector}` }),
      );
  },
  timeoutMs,
);
