import { purchasePlacedSchema, type PurchasePlaced } from '@unity-purchase/contracts';
import type { z } from 'zod';

/** Enough to understand what is wrong with an event. The bound keeps a sender from filling the logs. */
const problemsMax = 10;

/** Parses an event, or returns what is wrong with it. A problem names the path and the rule, never the value. */
export function readEvent(event: unknown): { event: PurchasePlaced } | { problems: string[] } {
  const parsed = purchasePlacedSchema.safeParse(event);
  if (parsed.success) return { event: parsed.data };
  return { problems: parsed.error.issues.slice(0, problemsMax).map(problemOf) };
}

/** Unknown keys are counted, not named, because the sender chose them. */
function problemOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys'
    ? `${issue.path.join('.')} has ${issue.keys.length} unknown keys`
    : `${issue.path.join('.')} ${issue.message}`;
}
