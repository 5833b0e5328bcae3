import { DamagedLogError, LogUnavailableError } from '@unity-purchase/numbered-log';
import { AppError, DaprError } from '@unity-purchase/service-kit';
import type { ErrorRequestHandler } from 'express';

const isStoreFailure = (thrown: unknown) =>
  [DaprError, DamagedLogError, LogUnavailableError].some((kind) => thrown instanceof kind);

/** A store that cannot be read, or returns what no log wrote, is "unavailable": something else than "nothing there". */
export const storeFailures: ErrorRequestHandler = function nameStoreFailure(
  thrown: unknown,
  _request,
  _response,
  next,
) {
  if (!isStoreFailure(thrown)) {
    next(thrown);
    return;
  }
  next(new AppError('store-unavailable', { cause: thrown, retryAfterSeconds: 1 }));
};
