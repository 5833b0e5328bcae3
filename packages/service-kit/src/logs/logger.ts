import { trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

export type LogSettings = {
  level: string;
  /** JSON lines for machines, or readable ones where a person looks at a terminal. */
  format: 'json' | 'pretty';
};

/**
 * The service's logger. A line carries the ids of the trace it belongs to. No line carries a shopper's id or name, an
 * amount, a token or a cookie: request bodies, headers and URLs are never logged.
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
