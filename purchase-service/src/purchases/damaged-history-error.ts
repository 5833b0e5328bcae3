import { DamagedLogError } from '@unity-purchase/numbered-log';

/**
 * A shopper's history cannot be read although the store answers: nothing can be recorded for this shopper until it is repaired, and
 * everyone else is served.
 */
export class DamagedHistoryError extends Error {
  override readonly name = 'DamagedHistoryError';
}

/** Throws an error of a history, as a DamagedHistoryError if the history is damaged. */
export function throwAboutHistory(thrown: unknown): never {
  const causes = thrown instanceof Error ? [thrown, thrown.cause] : [];
  if (!causes.some((cause) => cause instanceof DamagedLogError)) throw thrown;
  throw new DamagedHistoryError('the history is damaged', { cause: thrown });
}
