import { expect, test } from '@jest/globals';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { startFakeSidecar } from '../../test/fakes/fake-sidecar.js';
import { createPublish } from './publish.js';
import { createSidecarClient } from './sidecar-client.js';

test('publications that share a call keep their own traces', async () => {
  const exporter = new InMemorySpanExporter();
  const sdk = new NodeSDK({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    metricReaders: [],
    logRecordProcessors: [],
    autoDetectResources: false,
  });
  sdk.start();
  await using sidecar = await startFakeSidecar(() => ({ status: 204 }));
  const client = createSidecarClient(sidecar.port, undefined, { connections: 64, callsMax: 64 });
  const publish = createPublish(client);
  await Promise.all(
    [1, 2, 3].map((id) =>
      publish({ component: 'pubsub', topic: 'orders', event: { id }, partitionKey: String(id) }),
    ),
  );
  const spans = exporter.getFinishedSpans();
  await sdk.shutdown();
  await client.close();

  expect(sidecar.seen).toHaveLength(1);
  const entries = JSON.parse(sidecar.seen[0]?.body ?? '[]') as {
    event: { traceid: string; traceparent: string };
  }[];
  const traceparents = entries.map(({ event }) => event.traceparent).sort();
  expect(entries.map(({ event }) => event.traceid).sort()).toEqual(traceparents);
  const contexts = spans.map((span) => span.spanContext());
  expect(contexts.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`).sort()).toEqual(traceparents);
  expect(new Set(contexts.map(({ traceId }) => traceId)).size).toBe(3);
  expect(spans.map(({ name }) => name)).toEqual(Array(3).fill('send orders'));
});
