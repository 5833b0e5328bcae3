import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { problemCodes } from '@unity-purchase/contracts';
import { Counter, Gauge, type Registry } from 'prom-client';
import { isBelow } from '../health/management-paths.js';

/** The load that a service accepts before it answers that it is busy. */
export type AdmissionLimits = {
  /** The largest number of requests in flight. */
  requestsMax: number;
  /** If the median delay of the event loop exceeds this, only a fraction of `requestsMax` is admitted. */
  eventLoopDelayMaxMs: number;
};

export type AdmissionOptions = {
  registry: Registry;
  /** Paths that are always admitted, with all paths below them: health and metrics. */
  always: readonly string[];
  /** The page for browsers. Without it, they get the same answer as programs. */
  busyPage?: string;
};

/** Wraps an app and admits only as many requests as the service can answer in time. */
export type Admission = {
  guard: (app: RequestListener) => RequestListener;
  close: () => void;
};

/** For each counted response, what to do when it no longer counts. */
const leaves = new WeakMap<ServerResponse, (() => void)[]>();

/** For each response whose request still has to arrive, the function that admits it. */
const entries = new WeakMap<ServerResponse, () => boolean>();

/** Calls back once, when a response is closed or no longer counts as in flight. */
export function onceLeft(response: ServerResponse, callback: () => void): void {
  // The client may have disconnected while the app was waiting for something.
  if (response.closed) {
    callback();
    return;
  }
  const callbacks = leaves.get(response);
  if (callbacks !== undefined) {
    callbacks.push(callback);
    return;
  }
  leaves.set(response, [callback]);
  // Not `finish`: data that a slow client has not read yet still takes memory.
  response.once('close', () => {
    leaveAdmission(response);
  });
}

/** Removes a long-lived response from the count of requests in flight. Its caller limits such responses separately. */
export function leaveAdmission(response: ServerResponse): void {
  const callbacks = leaves.get(response) ?? [];
  leaves.delete(response);
  for (const callback of callbacks) callback();
}

/** Admits a request whose body has arrived. Returns false if the service is busy; the caller then answers with `busy`. */
export function enterAdmission(response: ServerResponse): boolean {
  const enter = entries.get(response);
  entries.delete(response);
  return enter?.() ?? true;
}

/** Whether a request has a body, by its headers (RFC 9112, 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The fraction that is admitted while the event loop is late: enough to keep working, and few enough to catch up. */
const fractionWhileLate = 1 / 8;

const resolutionMs = 10;
const checkIntervalMs = 250;
const retryAfterSeconds = 1;

/**
 * Refuses requests beyond the limits with 503 and `Retry-After`, before anything but their head is read, so that they do not
 * queue. The limits also bound the memory that requests use.
 *
 * A request counts from the time when it is complete. One with a body does not count while the body arrives; the app receives it
 * with `receiveBody`, which admits it then. Otherwise clients that send slowly would take the places of all others.
 */
export function createAdmission(limits: AdmissionLimits, options: AdmissionOptions): Admission {
  const { registry, always, busyPage } = options;
  let inFlight = 0;
  let requestsMax = limits.requestsMax;
  const refused = new Counter({
    name: 'http_requests_refused_total',
    help: 'HTTP requests that were refused because the service was busy',
    registers: [registry],
  });
  const gauge = new Gauge({
    name: 'http_requests_in_flight',
    help: 'HTTP requests that are being answered',
    registers: [registry],
    collect: () => {
      gauge.set(inFlight);
    },
  });
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  const check = setInterval(() => {
    // The histogram holds the time between two timers that should be `resolutionMs` apart.
    const isLate = delays.percentile(50) / 1e6 - resolutionMs > limits.eventLoopDelayMaxMs;
    requestsMax = isLate ? Math.ceil(limits.requestsMax * fractionWhileLate) : limits.requestsMax;
    delays.reset();
  }, checkIntervalMs).unref();
  return {
    guard: (app) => (request, response) => {
      if (isBelow(request.url ?? '/', always)) {
        app(request, response);
        return;
      }
      if (inFlight >= requestsMax) {
        refused.inc();
        refuse(request, response, busyPage);
        return;
      }
      const enter = (): boolean => {
        if (inFlight >= requestsMax) {
          refused.inc();
          return false;
        }
        inFlight += 1;
        onceLeft(response, () => {
          inFlight -= 1;
        });
        return true;
      };
      if (hasBody(request)) entries.set(response, enter);
      else enter();
      app(request, response);
    },
    close: () => {
      clearInterval(check);
      delays.disable();
    },
  };
}

const { status, meaning } = problemCodes.busy;

const problem = JSON.stringify({
  type: 'about:blank',
  title: 'Service Unavailable',
  status,
  code: 'busy',
  detail: meaning,
});

function refuse(request: IncomingMessage, response: ServerResponse, page: string | undefined): void {
  const isPage = page !== undefined && request.headers.accept?.includes('text/html') === true;
  response.writeHead(status, {
    'Retry-After': String(retryAfterSeconds),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'",
    'Content-Type': isPage ? 'text/html; charset=utf-8' : 'application/problem+json; charset=utf-8',
  });
  response.end(isPage ? page : problem);
}
