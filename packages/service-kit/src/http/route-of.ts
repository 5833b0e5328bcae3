import type { Request } from 'express';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The template of the route that answered (`/purchases/:id`), or `unmatched`. */
export function routeOf(request: Request): string {
  const route = request.route as { path?: unknown } | undefined;
  return typeof route?.path === 'string' ? request.baseUrl + route.path : 'unmatched';
}

/** The method as a label: one that HTTP does not know is `OTHER`, so that labels are a closed set. */
export function methodOf(request: Request): string {
  return methods.has(request.method) ? request.method : 'OTHER';
}
