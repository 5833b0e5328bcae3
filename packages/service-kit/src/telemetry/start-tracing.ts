import { createRequire } from 'node:module';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { isBelow, managementPaths } from '../health/management-paths.js';
import { PrivateSpanProcessor } from './span-privacy.js';

/** Frequent requests of probes and Prometheus; their traces would be of no use. */
const untracedPaths = Object.values(managementPaths);

/** Starts tracing to the OTLP endpoint in the environment: see `startTelemetry`. Returns the function that flushes and stops it. */
export function startTracing(service: string): () => Promise<void> {
  const sdk = new NodeSDK({
    serviceName: service,
    spanProcessors: [new PrivateSpanProcessor(new BatchSpanProcessor(new OTLPTraceExporter()))],
    // Only traces are exported: Prometheus scrapes the metrics, and logs go to stdout.
    metricReaders: [],
    logRecordProcessors: [],
    // The detectors would add host names, users and command lines to every export.
    autoDetectResources: false,
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: (request) => isBelow(request.url ?? '', untracedPaths),
        disableOutgoingRequestInstrumentation: true,
      }),
      new UndiciInstrumentation({ requireParentforSpans: true }),
    ],
  });
  sdk.start();
  // The HTTP instrumentation patches the module the next time it is *required*; imports do not count. Express has already
  // imported it, so without this line no incoming request would be traced.
  createRequire(import.meta.url)('node:http');
  return () => sdk.shutdown();
}
