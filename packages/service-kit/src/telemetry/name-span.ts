import { trace, type Span } from '@opentelemetry/api';
import type { RequestHandler } from 'express';
import { methodOf, routeOf } from '../http/route-of.js';

/** Names a request's span by its route template, once the route is known. */
export const nameSpan: RequestHandler = function nameRequestSpan(request, response, next) {
  const span = trace.getActiveSpan();
  // `finish` comes before the instrumentation ends the span on `close`.
  response.once('finish', () => {
    name(span, methodOf(request), routeOf(request));
  });
  next();
};

/** Names the span of the request that is being looked at, where its route is known from the start. */
export function nameActiveSpan(method: string, route: string): void {
  name(trace.getActiveSpan(), method, route);
}

function name(span: Span | undefined, method: string, route: string): void {
  span?.setAttribute('http.route', route);
  span?.updateName(`${method} ${route}`);
}
