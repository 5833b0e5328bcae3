import { trace, type Span } from '@opentelemetry/api';
import type { RequestHandler } from 'express';
import { methodOf, routeOf } from '../http/route-of.js';

/** Names the span of a request after its route template, once the route is known. */
export const nameSpan: RequestHandler = function nameRequestSpan(request, response, next) {
  const span = trace.getActiveSpan();
  // `finish` is emitted before `close`, on which the instrumentation ends the span.
  response.once('finish', () => {
    name(span, methodOf(request), routeOf(request));
  });
  next();
};

/** Names the active span of a request whose route is known from the start. */
export function nameActiveSpan(method: string, route: string): void {
  name(trace.getActiveSpan(), method, route);
}

function name(span: Span | undefined, method: string, route: string): void {
  span?.setAttribute('http.route', route);
  span?.updateName(`${method} ${route}`);
}
