import type { Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';

/**
 * The attributes that spans may have. All others, above all URLs with ids and queries, are removed before a span leaves the
 * process, so that an updated instrumentation cannot expose a shopper.
 */
const allowedAttributes = new Set([
  'error.type',
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'network.protocol.version',
  'server.address',
  'server.port',
  'url.scheme',
]);

/** Passes spans on with the allowed attributes only. Events (stack traces, messages) are removed as well. */
export class PrivateSpanProcessor implements SpanProcessor {
  readonly #next: SpanProcessor;

  constructor(next: SpanProcessor) {
    this.#next = next;
  }

  onStart(span: Span, context: Context): void {
    this.#next.onStart(span, context);
  }

  onEnd(span: ReadableSpan): void {
    for (const name of Object.keys(span.attributes)) {
      if (!allowedAttributes.has(name)) Reflect.deleteProperty(span.attributes, name);
    }
    span.events.length = 0;
    this.#next.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#next.shutdown();
  }
}
