import type { Response } from 'express';
import type { AppError } from '../errors/app-error.js';
import type { Logger } from '../logs/logger.js';
import { hasClientLeft } from './client-signal.js';
import { requestIdOf } from './request-id.js';

/** Logs why a request failed, unless its client has left: as an error from status 500, and at debug level for a caller's mistake. */
export function logRequestError(logger: Logger, response: Response, error: AppError): void {
  // Work that is cancelled because no one waits for it is not a failure.
  if (hasClientLeft(response)) return;
  const line = { requestId: requestIdOf(response), code: error.code, status: error.status };
  if (error.status >= 500)
    logger.error({ ...line, err: error.cause ?? error }, 'request could not be answered');
  else logger.debug(line, 'request refused');
}
