import type { ProblemCode } from '@unity-purchase/contracts';

/** A problem as an error page shows it: what happened, and what it means or what to do next. */
export type ProblemText = { title: string; message: string };

/** Codes that shoppers and operators rarely see on a page, or never. Pages show them with the text for their status. */
const codesWithoutText = [
  // Any request.
  'body-too-large',
  'busy',
  'internal-error',
  'invalid-request',
  'malformed-body',
  'method-not-allowed',
  'not-found',
  'request-aborted',
  'request-timeout',
  'unsupported-charset',
  'unsupported-encoding',
  'unsupported-media-type',
  // Only on the desk, which names the part that fails.
  'dead-letters-unavailable',
  'desk-unavailable',
  // Only in APIs and event streams, or replaced by another code.
  'dead-letter-not-published',
  'idempotency-key-reused',
  'invalid-operator',
  'invalid-token',
  'no-tokens',
  'not-authenticated',
  'not-signed-in',
  'price-changed',
  'purchase-erased',
  'purchase-id-expired',
  'purchase-id-in-the-future',
  'purchase-id-malformed',
  'purchase-not-accepted',
  'purchase-not-confirmed',
  'purchase-unknown',
  'rebuild-in-progress',
  'shopper-wanted',
  'store-unavailable',
  'streams-unavailable',
  'too-many-streams',
] as const satisfies ProblemCode[];

/** Codes with a text of their own. Every code is in this type or in the list above, so a new code needs a decision. */
export type CodeWithText = Exclude<ProblemCode, (typeof codesWithoutText)[number]>;

/** Whether error pages have a text of their own for a code. */
export function hasText(code: ProblemCode): code is CodeWithText {
  return !codesWithoutText.some((each) => each === code);
}
