import type { RequestHandler } from 'express';
import type { Logger } from '../logs/logger.js';
import { requestIdOf } from './request-id.js';
import { methodOf, routeOf } from './route-of.js';

/** Logs one line per answered request, with its route template: URLs may contain personal data. */
export function requestLog(logger: Logger): RequestHandler {
  return function logRequest(request, response, next) {
    const startMs = performance.now();
    response.once('close', () => {
      const line = {
        requestId: requestIdOf(response),
        method: methodOf(request),
        route: routeOf(request),
        status: response.statusCode,
        durationMs: Math.round(performance.now() - startMs),
        ...(response.writableFinished ? {} : { aborted: true }),
      };
      if (response.statusCode >= 500) logger.warn(line, 'request failed');
      else logger.info(line, 'request answered');
    });
    next();
  };
}
