import { createRequire } from 'node:module';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { isBelow, managementPaths } from '../health/management-paths.js';
import { PrivateSpanProcessor } from './span-privacy.js';

/** Requests that machines make all day long and nobody wants to find a trace of. */
const untracedPaths = Object.values(managementPaths);

/**
 * Starts tracing if an OTLP endpoint is given; otherwise does nothing. Incoming HTTP requests continue their caller's
 * trace, outgoing ones (undici) carry it on. Resolves to the function that flushes and stops.
 */
export function startTelemetry(service: string, endpoint: string | undefined): () => Promise<void> {
  if (endpoint === undefined) return () => Promise.resolve();
  const sdk = new NodeSDK({
    serviceName: service,
    spanProcessors: [new PrivateSpanProcessor(new BatchSpanProcessor(new OTLPTraceExporter()))],
    // Metrics are pulled by Prometheus and logs are read from stdout: only traces go this way.
    metricReaders: [],
    logRecordProcessors: [],
    // The detectors put host names, users and command lines into every export.
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
  // The HTTP instrumentation patches the module when it is next *required*. Imports do not count, and Express was
  // imported before this line: without this one no incoming request is seen.
  createRequire(import.meta.url)('node:http');
  return () => sdk.shutdown();
}
