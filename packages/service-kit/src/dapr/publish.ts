import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { z } from 'zod';
import { parseJson, requireSuccess } from './answer-errors.js';
import { batchCalls } from './batch-calls.js';
import { DaprError } from './dapr-error.js';
import type { SidecarAnswer, SidecarClient } from './sidecar-client.js';

/** The broker has this long to acknowledge: a shopper waits for it. */
const publishDeadlineMs = 5000;

/**
 * Publications that come while others are under way share a call: one call for each costs the service and its sidecar more
 * than the broker's work. Two calls at once keep the broker busy while an answer is on its way.
 */
const publishBatches = { callsMax: 2, itemsMax: 64 };

/** An event for a topic. Events with one partition key stay in order, where the broker keeps any. */
export type Publication = { component: string; topic: string; event: object; partitionKey: string };

/**
 * Publishes a CloudEvent. Resolves once the broker acknowledged it. Publications at the same time travel together; each is
 * acknowledged, and fails, on its own, unless the call they share fails as a whole. @throws DaprError
 */
export type Publish = (publication: Publication) => Promise<void>;

/** What the bulk publishing API takes. */
type Entry = { entryId: string; event: object; contentType: string; metadata: { partitionKey: string } };

/** What went wrong with the entries that were not published, by their ids. */
type Failures = ReadonlyMap<string, DaprError>;

const tracer = trace.getTracer('dapr');

export function createPublish(client: SidecarClient): Publish {
  const senders = new Map<string, (entry: Entry) => Promise<Failures>>();
  const senderFor = (component: string, topic: string) => {
    const path = `/v1.0/publish/bulk/${component}/${topic}`;
    const known = senders.get(path);
    if (known !== undefined) return known;
    const send = batchCalls(async (entries: readonly Entry[]) => {
      const body = JSON.stringify(entries);
      const answer = await client.request({ method: 'POST', path, body, deadlineMs: publishDeadlineMs });
      return failuresIn(answer, entries);
    }, publishBatches);
    senders.set(path, send);
    return send;
  };
  let count = 0;
  return ({ component, topic, event, partitionKey }) =>
    tracer.startActiveSpan(`send ${topic}`, { kind: SpanKind.PRODUCER }, async (span) => {
      const entryId = String((count += 1));
      try {
        const send = senderFor(component, topic);
        // Told that it is one already, Dapr does not wrap the event in a second envelope.
        const contentType = 'application/cloudevents+json';
        const failures = await send({
          entryId,
          event: traced(event),
          contentType,
          metadata: { partitionKey },
        });
        const failure = failures.get(entryId);
        if (failure !== undefined) throw failure;
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    });
}

/**
 * The event in the trace of its own request, where there is one: Dapr would put all that share a call into the trace of
 * that call, and keeps what an event brings along (components-contrib 1.18.3, pubsub/envelope.go, FromCloudEvent).
 */
function traced(event: object): object {
  const carrier: { traceparent?: string; tracestate?: string } = {};
  propagation.inject(context.active(), carrier);
  const { traceparent, tracestate } = carrier;
  if (traceparent === undefined) return event;
  return { ...event, traceid: traceparent, traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
}

const failedEntriesSchema = z.object({
  errorCode: z.string(),
  failedEntries: z.array(z.object({ entryId: z.string(), error: z.string().optional() })).min(1),
});

/**
 * Which entries were not published. An answer that names those that failed means the others were acknowledged.
 *
 * @throws DaprError for an answer that does not say it entry by entry: then none may be taken for published
 */
function failuresIn(answer: SidecarAnswer, entries: readonly Entry[]): Failures {
  const named = failedEntriesSchema.safeParse(parseJson(answer.body));
  const ids = new Set(entries.map(({ entryId }) => entryId));
  if (!named.success || !named.data.failedEntries.every(({ entryId }) => ids.has(entryId))) {
    requireSuccess(answer, 'a publication');
    return new Map();
  }
  const { status } = answer;
  const { errorCode: daprCode, failedEntries } = named.data;
  return new Map(
    failedEntries.map(({ entryId, error = daprCode }) => [
      entryId,
      new DaprError('failed', error, { status, daprCode }),
    ]),
  );
}
