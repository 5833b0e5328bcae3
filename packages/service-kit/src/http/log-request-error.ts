import type { Response } from 'express';
import type { AppError } from '../errors/app-error.js';
import type { Logger } from '../logs/logger.js';
import { requestIdOf } from './request-id.js';

/** Logs why a request failed: as an error from status 500, and at debug level for a caller's mistake. */
export function logRequestError(logger: Logger, response: Response, error: AppError): void {
  const line = { requestId: requestIdOf(response), code: error.code, status: error.status };
  if (error.status >= 500)
    logger.error({ ...line, err: error.cause ?? error }, 'request could not be answered');
  else logger.debug(line, 'request refused');
}
