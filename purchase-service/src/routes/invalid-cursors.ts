import { InvalidCursorError } from '@unity-purchase/numbered-log';
import { AppError } from '@unity-purchase/service-kit';
import type { ErrorRequestHandler } from 'express';

/** Answers a cursor that does not come from a page of the list with `invalid-cursor`. */
export const invalidCursors: ErrorRequestHandler = function refuseInvalidCursor(
  thrown: unknown,
  _request,
  _response,
  next,
) {
  if (!(thrown instanceof InvalidCursorError)) {
    next(thrown);
    return;
  }
  next(
    new AppError('invalid-cursor', {
      cause: thrown,
      problems: [{ path: 'cursor', message: 'must be the "next" or "previous" of a page' }],
    }),
  );
};
