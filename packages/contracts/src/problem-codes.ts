/**
 * Every problem code that a service answers with: its HTTP status and its meaning, which is the default `detail` of the answer
 * (see `problemDetailsSchema`). Codes and statuses are part of the APIs and never change; meanings may be reworded.
 */
export const problemCodes = {
  // Any service.
  'body-too-large': { status: 413, meaning: 'The request body is too large.' },
  busy: { status: 503, meaning: 'The service is busy. Nothing was done; try again shortly.' },
  'internal-error': {
    status: 500,
    meaning: 'An unexpected error occurred in the service. The request is not the cause.',
  },
  'invalid-request': { status: 400, meaning: 'The request is not valid; "errors" says where and why.' },
  'malformed-body': { status: 400, meaning: 'The request body cannot be read.' },
  'method-not-allowed': {
    status: 405,
    meaning: 'This address does not accept the method; the header "Allow" lists those it accepts.',
  },
  'not-found': { status: 404, meaning: 'There is nothing at this address.' },
  'request-aborted': { status: 400, meaning: 'The request ended before its body was complete.' },
  'request-timeout': { status: 408, meaning: 'The request body did not arrive in time. Nothing was done.' },
  'unsupported-charset': {
    status: 415,
    meaning: 'The character set of the request body is not supported; use UTF-8.',
  },
  'unsupported-encoding': {
    status: 415,
    meaning: 'The content encoding of the request body is not supported.',
  },
  'unsupported-media-type': { status: 415, meaning: 'The request body must be application/json.' },

  // Lists, of either service.
  'invalid-cursor': { status: 400, meaning: 'The cursor does not come from a page of this list.' },

  // The purchase-service.
  'dead-letter-not-found': { status: 404, meaning: 'There is no dead letter with this id.' },
  'dead-letter-not-published': {
    status: 503,
    meaning: 'The event could not be published. Replay it again later; replaying twice is harmless.',
  },
  'dead-letter-not-valid': {
    status: 409,
    meaning:
      'The dead letter is not a valid event. Discard it, or replay it once the service accepts such events.',
  },
  'dead-letter-recorded': {
    status: 409,
    meaning: 'The purchase of this dead letter is recorded, so there is nothing to discard.',
  },
  'dead-letter-replayed': {
    status: 409,
    meaning:
      'The dead letter was replayed, so its purchase may still be recorded. Discard it when it waits again.',
  },
  'dead-letter-truncated': {
    status: 409,
    meaning:
      'The dead letter was too large to be kept as a whole, so it cannot be replayed. Publish the event again at its source, and discard the dead letter.',
  },
  'invalid-operator': { status: 400, meaning: 'The header "x-operator" does not name an operator.' },
  'not-authenticated': { status: 401, meaning: 'Only the sidecar and operators may call this service.' },
  'purchase-delayed': {
    status: 404,
    meaning: 'This purchase could not be recorded yet; operators know about it.',
  },
  'purchase-discarded': {
    status: 404,
    meaning: 'An operator decided that this purchase will not be recorded.',
  },
  'purchase-not-recorded': {
    status: 404,
    meaning: 'No purchase with this id is recorded for this shopper.',
  },
  'rebuild-in-progress': {
    status: 409,
    meaning: 'This replica is already comparing histories and journal. Wait until that is finished.',
  },
  'shopper-wanted': {
    status: 400,
    meaning: 'Too many purchases were recorded around the time of this id to search them all.',
  },
  'store-unavailable': { status: 503, meaning: 'The state store cannot be reached right now.' },

  // The storefront's API.
  'cross-origin': { status: 403, meaning: 'This request was sent from another site.' },
  'history-unavailable': { status: 503, meaning: 'The purchase history is not available right now.' },
  'idempotency-key-reused': {
    status: 422,
    meaning:
      'Another order was already placed with this Idempotency-Key. Nothing was bought with this request; send a different order with a new key.',
  },
  'invalid-token': { status: 401, meaning: 'The bearer token is not valid for this shop.' },
  'no-tokens': { status: 401, meaning: 'This shop does not accept bearer tokens.' },
  'not-signed-in': {
    status: 401,
    meaning: 'Sign in first: the session cookie is missing or no longer valid.',
  },
  'price-changed': {
    status: 409,
    meaning:
      'The order costs "total" and not the expected total. Nothing was bought with this request; send it again with the total that the shopper agrees to.',
  },
  'purchase-erased': {
    status: 410,
    meaning:
      'The purchases of this shopper were erased at the time in "erasedAt", and this one is not recorded.',
  },
  'purchase-id-expired': {
    status: 400,
    meaning: 'The Idempotency-Key is a UUIDv7 that is more than 24 hours old. Nothing was bought.',
  },
  'purchase-id-in-the-future': {
    status: 400,
    meaning: 'The Idempotency-Key is a UUIDv7 that is ahead of the current time; check your clock.',
  },
  'purchase-id-malformed': {
    status: 400,
    meaning:
      'The Idempotency-Key must be one value of 1 to 255 printable ASCII characters, as it is or as a quoted string.',
  },
  'purchase-not-accepted': {
    status: 503,
    meaning: 'The purchase was not accepted. Send it again with the purchaseId as its Idempotency-Key.',
  },
  'purchase-not-confirmed': {
    status: 503,
    meaning:
      'The purchase is not confirmed and may still go through. Send it again with the purchaseId as its Idempotency-Key: without it you may buy twice.',
  },
  'purchase-not-found': { status: 404, meaning: 'No purchase with this id is recorded.' },
  'purchase-unknown': {
    status: 404,
    meaning: 'Nothing is known about this purchase. If it was sent just now, it may still be recorded.',
  },
  'sign-in-unavailable': { status: 503, meaning: 'Signing in is not possible right now.' },
  'too-many-exports': {
    status: 429,
    meaning: 'This shopper is already downloading purchases. Wait until that is finished.',
  },
  'too-many-requests': {
    status: 429,
    meaning: 'This client sent too many requests, in one minute or at once.',
  },

  // The storefront's pages.
  'dead-letters-unavailable': { status: 503, meaning: 'Dead letters are not available right now.' },
  'desk-unavailable': { status: 503, meaning: 'The operator desk is not available right now.' },
  'invalid-form': { status: 400, meaning: 'The form has unknown, missing or invalid fields.' },
  'product-not-found': { status: 404, meaning: 'This product is not for sale here.' },
  'sign-in-failed': { status: 400, meaning: 'This sign-in is no longer valid. Start again.' },
  'sign-in-misconfigured': {
    status: 500,
    meaning: 'The OpenID issuer refuses this shop. Operators must correct its configuration.',
  },
  'sign-in-refused': { status: 400, meaning: 'The sign-in was not completed.' },
  'streams-unavailable': { status: 503, meaning: 'Live updates are not available right now.' },
  'too-many-streams': { status: 429, meaning: 'This shopper has too many pages open.' },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ProblemCode = keyof typeof problemCodes;

/** Whether a text is one of our problem codes. */
export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(problemCodes, text);
}
