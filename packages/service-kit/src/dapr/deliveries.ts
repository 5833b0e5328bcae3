import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { toError } from '../errors/to-error.js';
import { clientSignal } from '../http/client-signal.js';
import { readForeignJson } from '../json/foreign-json.js';
import type { Logger } from '../logs/logger.js';
import type { HttpMeter } from '../metrics/http-metrics.js';
import { nameActiveSpan } from '../telemetry/name-span.js';

/**
 * A subscriber's answer to Dapr: done, deliver again, or move to the dead letters. Dapr treats a 404 as DROP and any other
 * error status as RETRY (https://docs.dapr.io/reference/api/pubsub_api/#expected-http-response).
 */
export type DeliveryOutcome = 'SUCCESS' | 'RETRY' | 'DROP';

/** What was delivered: JSON, or the reason why it cannot be read. */
export type Delivery = { event: unknown } | { unreadable: string };

/**
 * Handles one delivery. An error that it throws is logged and answered with RETRY. The signal aborts when the sidecar has given up
 * waiting; then the event is delivered again.
 */
export type TakeDelivery = (delivery: Delivery, signal?: AbortSignal) => Promise<DeliveryOutcome>;

export type DeliveryOptions = {
  /** The handlers of deliveries, by path. */
  routes: Readonly<Record<string, TakeDelivery>>;
  /** Whether a request comes from the sidecar. */
  isFromSidecar: (request: IncomingMessage) => boolean;
  meter: HttpMeter;
  logger: Logger;
};

/** The sidecar's limit (4 MiB) in base64 and with an envelope. The sidecar delivers nothing larger. */
const eventBytesMax = 6 * 1024 * 1024;

const jsonTypes = ['application/cloudevents+json', 'application/json'];

/**
 * Wraps an app: answers the sidecar's deliveries and passes all other requests to the app. Deliveries bypass Express, which
 * took a third of this process' time per delivery. They bypass the SDK's server, which acknowledges events whose handler
 * throws, hides the envelope and breaks routes with more than one segment.
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
  // The sidecar disconnected. Without an answer, the event is delivered again.
  if (delivery === undefined) return;
  answer(
    response,
    await take(delivery, clientSignal(response)).catch((thrown: unknown) => {
      logger.error({ err: toError(thrown) }, 'an event could not be handled; it will be delivered again');
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
  const read = readForeignJson(body);
  return 'value' in read ? { event: read.value } : { unreadable: `the event is ${read.unreadable}` };
}

/** The body, or that it is too large, or undefined if the connection broke before its end. */
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
    // The connection broke; `close` follows.
    request.on('error', () => undefined);
  });
}
