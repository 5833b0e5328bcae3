import {
  auditTargets,
  deadLetterIdSchema,
  purchaseIdSchema,
  readOperator,
  shopperKeyPattern,
  type AuditedOperator,
  type AuditEntry,
} from '@unity-purchase/contracts';
import { deadLetterPath, deskSearchPath } from '../paths.js';
import type { Texts } from '../texts/languages.js';
import { shortNumber } from './short-number.js';

/** What an entry is about: a thing with a page of its own, or words. */
export type AuditTargetView =
  | { thing: 'purchase' | 'deadLetter' | 'shopper'; id: string; shortId: string; address: string }
  | { words: string };

/** An entry of the audit log as a row of its page. */
export type AuditRow = Pick<AuditEntry, 'at' | 'reason' | 'requestId'> & {
  operator: AuditedOperator;
  action: string;
  target: AuditTargetView | undefined;
};

/** The rows of the page of the audit log, in the words of a language. */
export function viewAudit(entries: readonly AuditEntry[], { desk }: Texts): AuditRow[] {
  return entries.map((entry) => ({
    at: entry.at,
    reason: entry.reason,
    requestId: entry.requestId,
    operator: readOperator(entry.operator),
    ...actionAndTarget(entry, desk),
  }));
}

const rebuildStart = 'rebuild/';
const numberStart = auditTargets.numberStart('');

/** Some actions have no name of their own: their target says what they were. See `auditTargets`. */
function actionAndTarget(
  { action, target = '' }: AuditEntry,
  { actions, audit }: Texts['desk'],
): Pick<AuditRow, 'action' | 'target'> {
  if (action === 'list-purchases' && target.startsWith(rebuildStart)) {
    const parts = target.slice(rebuildStart.length);
    return {
      action: /\/repair(\/|$)/.test(parts) ? audit.repaired : audit.compared,
      target: { words: parts },
    };
  }
  if (action === 'list-dead-letters' && target === auditTargets.replayMany)
    return { action: audit.replayedMany, target: undefined };
  if (action === 'find-purchase' && target === auditTargets.name)
    return { action: audit.searchedName, target: undefined };
  if (action === 'find-purchase' && target.startsWith(numberStart))
    return { action: actions[action], target: { words: audit.startsWith(target.slice(numberStart.length)) } };
  return { action: actions[action], target: viewTarget(target) };
}

function viewTarget(target: string): AuditTargetView | undefined {
  if (target === '') return undefined;
  const id = target;
  if (purchaseIdSchema.safeParse(target).success)
    return { thing: 'purchase', id, shortId: shortNumber(id), address: deskSearchPath({ q: id }) };
  if (deadLetterIdSchema.safeParse(target).success)
    return { thing: 'deadLetter', id, shortId: id.slice(0, 8), address: deadLetterPath(id) };
  if (shopperKeyPattern.test(target))
    return { thing: 'shopper', id, shortId: id.slice(0, 9), address: deskSearchPath({ q: id }) };
  return { words: target };
}
