import { trace } from '@opentelemetry/api';
import type { RequestHandler } from 'express';
import { methodOf, routeOf } from '../http/route-of.js';

/** Names a request's span by its route template, once the route is known. */
export const nameSpan: RequestHandler = function nameRequestSpan(request, response, next) {
  const span = trace.getActiveSpan();
  // `finish` comes before the instrumentation ends the span on `close`.
  response.once('finish', () => {
    const route = routeOf(request);
    span?.setAttribute('http.route', route);
    span?.updateName(`${methodOf(request)} ${route}`);
  });
  next();
};
