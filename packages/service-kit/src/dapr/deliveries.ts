import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { toError } from '../errors/to-error.js';
import type { Logger } from '../logs/logger.js';
import type { HttpMeter } from '../metrics/http-metrics.js';
import { nameActiveSpan } from '../telemetry/name-span.js';

/**
 * What a subscriber may answer to Dapr: done; deliver again; to the dead letters. A 404 would be a DROP, and any other
 * status a RETRY (https://docs.dapr.io/reference/api/pubsub_api/#expected-http-response).
 */
export type DeliveryOutcome = 'SUCCESS' | 'RETRY' | 'DROP';

/** What was delivered: some JSON, or why it is none. */
export type Delivery = { event: unknown } | { unreadable: string };

/** Takes one delivery. What it throws is logged and answered with RETRY. */
export type TakeDelivery = (delivery: Delivery) => Promise<DeliveryOutcome>;

export type DeliveryOptions = {
  /** Who takes what is delivered to a path. */
  routes: Readonly<Record<string, TakeDelivery>>;
  /** Whether a request comes from the sidecar. */
  isFromSidecar: (request: IncomingMessage) => boolean;
  meter: HttpMeter;
  logger: Logger;
};

/** What fits through the sidecar (4 MiB), in base64 and in an envelope. What is larger it did not bring. */
const eventBytesMax = 6 * 1024 * 1024;

const jsonTypes = ['application/cloudevents+json', 'application/json'];

/**
 * Stands before an app and answers the sidecar's deliveries; everything else, and whoever is not the sidecar, goes on to the
 * app. Not through Express: of the time that a delivery cost this process, that was a third. Nor through the SDK's server:
 * it acknowledges handlers that throw, hides the envelope and breaks routes of more than one segment.
 */
export function deliveries({ routes, isFromSidecar, meter, logger }: DeliveryOptions) {
  const takers = new Map(Object.entries(routes));
  return (app: RequestListener): RequestListener =>
    (request, response) => {
      const route = request.url ?? '';
      const take = takers.get(route);
      if (take === undefined || request.method !== 'POST' || !isFromSidecar(request)) {
        app(request, response);
        return;
      }
      nameActiveSpan('POST', route);
      const stop = meter.start();
      response.once('close', () => {
        stop({ method: 'POST', route, status: String(response.statusCode) });
      });
      void answerDelivery(request, response, take, logger);
    };
}

async function answerDelivery(
  request: IncomingMessage,
  response: ServerResponse,
  take: TakeDelivery,
  logger: Logger,
): Promise<void> {
  const delivery = await readDelivery(request);
  // The sidecar went away in the middle of it. It got no answer, and so the event comes again.
  if (delivery === undefined) return;
  answer(
    response,
    await take(delivery).catch((thrown: unknown) => {
      logger.error({ err: toError(thrown) }, 'an event could not be taken; it will come again');
      return 'RETRY' as const;
    }),
  );
}

function answer(response: ServerResponse, status: DeliveryOutcome): void {
  const body = JSON.stringify({ status });
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body);
}

async function readDelivery(request: IncomingMessage): Promise<Delivery | undefined> {
  const { 'content-type': type = '', 'content-encoding': encoding } = request.headers;
  if (encoding !== undefined) return { unreadable: 'the event is compressed' };
  if (!jsonTypes.includes(type.split(';', 1)[0]?.trim().toLowerCase() ?? ''))
    return { unreadable: 'the event is not JSON by its content type' };
  const body = await readBody(request);
  if (body === undefined || 'unreadable' in body) return body;
  if (!isUtf8(body)) return { unreadable: 'the event is not UTF-8' };
  try {
    return { event: JSON.parse(body.toString()) as unknown };
  } catch {
    return { unreadable: 'the event is not JSON' };
  }
}

/** The body; or that it is too large, as soon as it is (Node reads past the rest); or nothing, if it never came whole. */
function readBody(request: IncomingMessage): Promise<Buffer | { unreadable: string } | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= eventBytesMax) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      resolve({ unreadable: 'the event is too large' });
    });
    request.once('end', () => {
      resolve(Buffer.concat(chunks));
    });
    request.once('close', () => {
      resolve(undefined);
    });
    // Of a connection that broke; `close` follows.
    request.on('error', () => undefined);
  });
}
