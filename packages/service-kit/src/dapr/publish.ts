import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { z } from 'zod';
import { parseJson, requireSuccess } from './answer-errors.js';
import { batchCalls } from './batch-calls.js';
import { DaprError } from './dapr-error.js';
import { RecentMap } from '../memory/recent-map.js';
import type { SidecarAnswer, SidecarClient } from './sidecar-client.js';

/** How long the broker may take to acknowledge. A shopper waits for it. */
const publishDeadlineMs = 5000;

/**
 * Publications that arrive while others are in flight share a call: a call for each would cost the service and its sidecar
 * more time than the broker needs. Two calls in flight keep the broker busy. A publication that is alone uses the API for one,
 * which takes the sidecar half as long.
 */
const publishBatches = { callsMax: 2, itemsMax: 64 };

/** More topics than a service publishes to. A topic that is forgotten only starts a new batch. */
const topicsMax = 32;

/** An event for a topic. Events with the same partition key stay in order if the broker keeps an order. */
export type Publication = { component: string; topic: string; event: object; partitionKey: string };

/**
 * Publishes a CloudEvent. Resolves once the broker has acknowledged it. Concurrent publications may share a call; each succeeds
 * or fails on its own unless the whole call fails. @throws DaprError
 */
export type Publish = (publication: Publication) => Promise<void>;

/** An entry of Dapr's bulk publish API. */
type Entry = { entryId: string; event: object; contentType: string; metadata: { partitionKey: string } };

/** The errors of the entries that were not published, by entry id. */
type Failures = ReadonlyMap<string, DaprError>;

const noFailures: Failures = new Map();

const tracer = trace.getTracer('dapr');

export function createPublish(client: Pick<SidecarClient, 'request'>): Publish {
  const senders = new RecentMap<string, (entry: Entry) => Promise<Failures>>(topicsMax);
  const senderFor = (component: string, topic: string) =>
    senders.getOrCreate(`${component}/${topic}`, (place) =>
      batchCalls((entries: readonly Entry[]) => {
        const [first, ...others] = entries;
        return first === undefined || others.length > 0 ? sendAll(place, entries) : sendOne(place, first);
      }, publishBatches),
    );
  const sendAll = async (place: string, entries: readonly Entry[]): Promise<Failures> => {
    const path = `/v1.0/publish/bulk/${place}`;
    const body = JSON.stringify(entries);
    const answer = await client.request({ method: 'POST', path, body, deadlineMs: publishDeadlineMs });
    return failuresIn(answer, entries);
  };
  const sendOne = async (place: string, { event, contentType, metadata }: Entry): Promise<Failures> => {
    const answer = await client.request({
      method: 'POST',
      path: `/v1.0/publish/${place}?metadata.partitionKey=${encodeURIComponent(metadata.partitionKey)}`,
      body: JSON.stringify(event),
      contentType,
      deadlineMs: publishDeadlineMs,
    });
    requireSuccess(answer, 'a publication');
    return noFailures;
  };
  let count = 0;
  return ({ component, topic, event, partitionKey }) =>
    tracer.startActiveSpan(`send ${topic}`, { kind: SpanKind.PRODUCER }, async (span) => {
      const entryId = String((count += 1));
      try {
        const send = senderFor(component, topic);
        // With this type, Dapr does not wrap the event in a second envelope.
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
 * Adds the trace of the current request to an event, if there is one. Otherwise Dapr would put all events of a call into the
 * trace of that call; it keeps the trace that an event has (components-contrib 1.18.3, pubsub/envelope.go, FromCloudEvent).
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
 * The entries that were not published. If the answer names failed entries, all others were acknowledged.
 *
 * @throws DaprError for any other failure: then none of the entries counts as published
 */
function failuresIn(answer: SidecarAnswer, entries: readonly Entry[]): Failures {
  const named = failedEntriesSchema.safeParse(parseJson(answer.body));
  const ids = new Set(entries.map(({ entryId }) => entryId));
  if (!named.success || !named.data.failedEntries.every(({ entryId }) => ids.has(entryId))) {
    requireSuccess(answer, 'a publication');
    return noFailures;
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
