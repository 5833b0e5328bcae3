import { DamagedLogError } from '@unity-purchase/numbered-log';
import { DamagedHistoryError } from '../purchases/damaged-history-error.js';

/** What `work` resolves to, or undefined if a log is damaged. Rejects if the store fails. */
export async function unlessDamaged<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (isDamage(thrown)) return undefined;
    throw thrown;
  }
}

/** Appending to a damaged log fails with an error that the damage caused. */
function isDamage(thrown: unknown): boolean {
  const causes = thrown instanceof Error ? [thrown, thrown.cause] : [];
  return causes.some((cause) => cause instanceof DamagedLogError || cause instanceof DamagedHistoryError);
}
