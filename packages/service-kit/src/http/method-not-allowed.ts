import type { RequestHandler } from 'express';
import { AppError } from '../errors/app-error.js';
import type { ApiOperation } from './route.js';

/** Answers 405 with an `Allow` header if an operation has the request's path but none has its method (RFC 9110, 15.5.6). */
export function methodNotAllowed(operations: readonly ApiOperation[]): RequestHandler {
  const allowed = new Map<string, { pattern: RegExp; methods: string[] }>();
  for (const { path, method } of operations) {
    const pattern = new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}/?$`);
    const methods = allowed.get(path)?.methods ?? [];
    methods.push(...(method === 'GET' ? ['GET', 'HEAD'] : [method]));
    allowed.set(path, { pattern, methods });
  }
  return function refuseMethod(request, response, next) {
    for (const { pattern, methods } of allowed.values())
      if (pattern.test(request.path) && !methods.includes(request.method)) {
        response.set('Allow', methods.join(', '));
        throw new AppError('method-not-allowed', {
          detail: `This address accepts ${methods.join(', ')} only.`,
        });
      }
    next();
  };
}
