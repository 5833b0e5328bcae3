import { trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

export type LogSettings = {
  level: string;
  /** JSON lines for machines, or readable lines for a terminal. */
  format: 'json' | 'pretty';
};

/**
 * Creates the service's logger. Each line has the ids of its trace. Never log request bodies, headers or URLs: no line may
 * contain a shopper's id or name, an amount, a token or a cookie.
 */
export function createLogger(
  service: string,
  { level, format }: LogSettings,
  destination: DestinationStream = format === 'pretty'
    ? pretty({ colorize: true, ignore: 'pid,hostname,service' })
    : pino.destination(1),
): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => {
        const span = trace.getActiveSpan()?.spanContext();
        return span === undefined ? {} : { traceId: span.traceId, spanId: span.spanId };
      },
    },
    destination,
  );
}
