import type { DeadLetterQuery } from '@unity-purchase/contracts';
import type { DeadLetterEntry, Period } from './dead-letter-records.js';

/** Which dead letters a request is about: see `deadLetterReplayQuerySchema`. */
export type LetterFilter = Pick<DeadLetterQuery, 'reason' | 'from' | 'before'>;

/** The period of a filter. */
export function periodOf({ from, before }: LetterFilter): Period {
  return {
    ...(from === undefined ? {} : { fromMs: Date.parse(from) }),
    ...(before === undefined ? {} : { beforeMs: Date.parse(before) }),
  };
}

/** Whether a filter is about dead letters with this entry's reason. Its period is for the log: see `periodOf`. */
export function hasReason({ reason }: DeadLetterEntry, filter: LetterFilter): boolean {
  return filter.reason === undefined || filter.reason === reason;
}
