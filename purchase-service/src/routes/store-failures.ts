import { AppError, DaprError } from '@unity-purchase/service-kit';
import type { ErrorRequestHandler } from 'express';

/** A store that cannot be read is "unavailable", which is something else than "nothing there" and than a bug. */
export const storeFailures: ErrorRequestHandler = function nameStoreFailure(
  thrown: unknown,
  _request,
  _response,
  next,
) {
  if (!(thrown instanceof DaprError)) {
    next(thrown);
    return;
  }
  next(
    new AppError('store-unavailable', 503, 'Purchases cannot be read right now.', {
      cause: thrown,
      retryAfterSeconds: 1,
    }),
  );
};
