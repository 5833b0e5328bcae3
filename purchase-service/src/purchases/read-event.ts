import { purchasePlacedSchema, type PurchasePlaced } from '@unity-purchase/contracts';
import type { z } from 'zod';

/** Enough to know what is wrong with an event; a sender must not be able to fill the log. */
const problemsMax = 10;

/** Reads an event, or says what is wrong with it: places and rules, never what stands there. */
export function readEvent(event: unknown): { event: PurchasePlaced } | { problems: string[] } {
  const parsed = purchasePlacedSchema.safeParse(event);
  if (parsed.success) return { event: parsed.data };
  return { problems: parsed.error.issues.slice(0, problemsMax).map(describe) };
}

/** Unknown keys are a sender's text: counted. */
function describe(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys'
    ? `${issue.path.join('.')} has ${issue.keys.length} unknown keys`
    : `${issue.path.join('.')} ${issue.message}`;
}
