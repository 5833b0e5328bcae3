import type { RequestHandler } from 'express';
import { Counter, Histogram, type Registry } from 'prom-client';
import { onceLeft } from '../http/admission.js';
import { methodOf, routeOf } from '../http/route-of.js';

/** From a cached page to a history that waits for its store. After ten seconds, every client has given up. */
const durationBucketsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The labels of request metrics. A URL is never a label, because the set of URLs has no bound. */
export type HttpLabels = { method: string; route: string; status: string };

/** Counts and times requests: call `start` when a request arrives, and its result when the request is answered. */
export type HttpMeter = { start: () => (labels: HttpLabels) => void };

/** Registers the request metrics; once for each registry. */
export function httpMeter(registry: Registry): HttpMeter {
  const labelNames = ['method', 'route', 'status'] as const;
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'HTTP requests answered',
    labelNames,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of the response, or to the beginning of an event stream',
    labelNames,
    buckets: durationBucketsSeconds,
    registers: [registry],
  });
  return {
    start: () => {
      const stop = durations.startTimer();
      return (labels) => {
        requests.inc(labels);
        stop(labels);
      };
    },
  };
}

/** Counts and times every request by method, route template and status. */
export function httpMetrics(meter: HttpMeter): RequestHandler {
  return function measureHttpRequest(request, response, next) {
    const stop = meter.start();
    // A stream lasts as long as a page is open, which says nothing about the service.
    onceLeft(response, () => {
      stop({ method: methodOf(request), route: routeOf(request), status: String(response.statusCode) });
    });
    next();
  };
}
