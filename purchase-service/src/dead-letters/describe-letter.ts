import type { DeadLetter } from '@unity-purchase/contracts';
import type { Content } from './dead-letter-content.js';
import type { DeadLetterEntry, Decision, StoredLetter } from './dead-letter-records.js';
import type { Outcome } from './letter-outcome.js';

/** What is known about a dead letter besides its entry in the log. */
export type LetterFacts = Partial<StoredLetter> & { content?: Content; outcome?: Outcome };

/** A dead letter as the API returns it. */
export function describeLetter(
  { id, reason, purchaseId, arrivedAt }: DeadLetterEntry,
  { letter, decision, discardReason, content, outcome = {} }: LetterFacts,
): DeadLetter {
  const problem = content?.problems[0] ?? (content?.event === undefined ? letter?.problems[0] : undefined);
  return {
    id,
    reason,
    ...(purchaseId === undefined ? {} : { purchaseId }),
    ...content?.about,
    ...(problem === undefined ? {} : { problem }),
    arrivedAt,
    state: stateIn(decision),
    ...(decision === undefined ? {} : { since: decision.since }),
    replays: decision?.replays ?? 0,
    ...(discardReason === undefined ? {} : { discardReason }),
    ...outcome,
  };
}

/** The state according to a decision: without one, a dead letter waits for it. */
export function stateIn(decision: Decision | undefined): DeadLetter['state'] {
  return decision?.state ?? 'waiting';
}
