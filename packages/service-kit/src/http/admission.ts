import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { problemCodes } from '@unity-purchase/contracts';
import { Counter, Gauge, type Registry } from 'prom-client';
import { isBelow } from '../health/management-paths.js';

/** How much a service takes on before it says that it is busy. */
export type AdmissionLimits = {
  /** So many requests may be in flight at once. */
  requestsMax: number;
  /** Where half of all turns of the event loop come later than this, a fraction of the requests above is let in. */
  eventLoopDelayMaxMs: number;
};

export type AdmissionOptions = {
  registry: Registry;
  /** Paths, with all below them, that are always let in: what machines ask to know how the service is. */
  always: readonly string[];
  /** What a browser is shown; without it, it gets what programs get. */
  busyPage?: string;
};

/** Stands before an app and lets in what the service can answer in time. */
export type Admission = {
  guard: (app: RequestListener) => RequestListener;
  close: () => void;
};

/** How each answer that is counted leaves the count. */
const leaves = new WeakMap<ServerResponse, () => void>();

/** Takes an answer that will go on for long out of the count of requests in flight; its own bounds hold from then on. */
export function leaveAdmission(response: ServerResponse): void {
  leaves.get(response)?.();
}

/** What is let in while the event loop is late: enough to go on working, little enough to catch up. */
const fractionWhileLate = 1 / 8;

const resolutionMs = 10;
const lookIntervalMs = 250;
const retryAfterSeconds = 1;

/**
 * Refuses, at once and at next to no cost, what would only queue: with 503 and `Retry-After`, before anything of the
 * request is looked at but its path. What is let in is answered in the time it takes; memory stays bounded by the limits.
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
  const look = setInterval(() => {
    // What is measured is the time between two turns that were meant to be `resolutionMs` apart.
    const isLate = delays.percentile(50) / 1e6 - resolutionMs > limits.eventLoopDelayMaxMs;
    requestsMax = isLate ? Math.ceil(limits.requestsMax * fractionWhileLate) : limits.requestsMax;
    delays.reset();
  }, lookIntervalMs).unref();
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
      inFlight += 1;
      const leave = (): void => {
        if (leaves.delete(response)) inFlight -= 1;
      };
      leaves.set(response, leave);
      // Not `finish`: what a slow reader has not taken yet still fills memory.
      response.once('close', leave);
      app(request, response);
    },
    close: () => {
      clearInterval(look);
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
