import { DamagedLogError, LogUnavailableError } from '@unity-purchase/numbered-log';
import { AppError, DaprError } from '@unity-purchase/service-kit';
import type { ErrorRequestHandler } from 'express';

const isStoreFailure = (thrown: unknown) =>
  [DaprError, DamagedLogError, LogUnavailableError].some((kind) => thrown instanceof kind);

/** Answers 503 `store-unavailable` if the store fails or returns a damaged log, rather than as if nothing were recorded. */
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
