import { purchaseFingerprint, type DeadLetter } from '@unity-purchase/contracts';
import { DamagedLogError } from '@unity-purchase/numbered-log';
import type { PurchaseHistory } from '../purchases/purchase-history.js';
import type { Content } from './dead-letter-content.js';
import type { Letter } from './dead-letter-records.js';
import { purchaseOf } from './stored-letter.js';

/** The outcome of a dead letter's purchase: it was recorded since, another order was recorded under its id, or neither. */
export type Outcome = Pick<DeadLetter, 'recordedAt' | 'superseded'>;

/**
 * Finds the outcome of a dead letter's purchase. The content of an event that is not valid cannot be compared: then what is recorded
 * under its id counts as its purchase, unless the letter was in conflict when it arrived. In a damaged history, nothing is found: one
 * shopper's damage must not hide everyone's dead letters.
 *
 * Aborting the signal cancels it. It throws the store's error if the store is unavailable.
 */
export type FindOutcome = (
  letter: Pick<Letter, 'reason' | 'shopperKey' | 'purchaseId'>,
  content: Content,
  signal?: AbortSignal,
) => Promise<Outcome>;

export function createFindOutcome(history: Pick<PurchaseHistory, 'find'>): FindOutcome {
  return async (letter, content, signal) => {
    const purchase = purchaseOf(letter, content);
    if (purchase === undefined) return {};
    const found = await history
      .find(purchase.shopperKey, purchase.purchaseId, signal)
      .catch((thrown: unknown) => {
        if (thrown instanceof DamagedLogError) return undefined;
        throw thrown;
      });
    if (found === undefined) return {};
    const isSame =
      content.event === undefined
        ? letter.reason !== 'contradicts-record'
        : purchaseFingerprint(found.purchase) === purchaseFingerprint(content.event.data);
    return isSame ? { recordedAt: found.recordedAt } : { superseded: true };
  };
}
