import type { Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';

/**
 * All that a span of ours may carry. Everything else, URLs with ids and queries above all, is dropped before it leaves
 * the process: an instrumentation that learns a new attribute must not be able to tell on a shopper.
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

/** Passes spans on with nothing but the allowed attributes. Events (stack traces, messages) are dropped, too. */
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
