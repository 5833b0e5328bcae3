import type { Request } from 'express';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * The template of the route that answered (`/purchases/:id`), or `unmatched`. Routes contain their whole path. `baseUrl` would be that of
 * the last middleware, such as an error handler for `/api`.
 */
export function routeOf(request: Request): string {
  const route = request.route as { path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : 'unmatched';
}

/** The method as a metric label. Unknown methods become `OTHER`, so that the set of labels is closed. */
export function methodOf(request: Request): string {
  return methods.has(request.method) ? request.method : 'OTHER';
}
