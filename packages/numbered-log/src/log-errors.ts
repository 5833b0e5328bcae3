/** A log could not be read or written. It is unknown whether the entry was recorded; appending it again is safe. */
export class LogUnavailableError extends Error {
  override readonly name = 'LogUnavailableError';
}

/** The store returned a value that no log wrote, or does not have one that a log wrote. */
export class DamagedLogError extends Error {
  override readonly name = 'DamagedLogError';
}

/** A cursor does not come from a page of this list. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
}
