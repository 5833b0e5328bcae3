/**
 * Starts tracing if there is an OTLP endpoint. Incoming HTTP requests continue their caller's trace, and outgoing requests
 * (undici) pass it on. Resolves to the function that flushes and stops tracing.
 */
export async function startTelemetry(
  service: string,
  endpoint: string | undefined,
): Promise<() => Promise<void>> {
  if (endpoint === undefined) return () => Promise.resolve();
  // Loading these packages takes longer than most of a start.
  const { startTracing } = await import('./start-tracing.js');
  return startTracing(service);
}
