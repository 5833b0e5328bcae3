/**
 * How a call to the sidecar failed:
 * - `not-sent`: it did not reach the sidecar, so it had no effect;
 * - `refused`: the sidecar refused it (4xx), so it had no effect;
 * - `failed`: the sidecar failed (5xx); its broker or store may or may not have performed the call;
 * - `no-answer`: it was sent and not answered in time; it may or may not have been performed;
 * - `invalid-answer`: the answer is not one that a sidecar gives.
 */
export type DaprFailure = 'not-sent' | 'refused' | 'failed' | 'no-answer' | 'invalid-answer';

/** A failed call to the sidecar. `status` and `daprCode` are present if the sidecar answered. */
export class DaprError extends Error {
  override readonly name = 'DaprError';
  readonly failure: DaprFailure;
  readonly status: number | undefined;
  readonly daprCode: string | undefined;

  constructor(
    failure: DaprFailure,
    message: string,
    details: { cause?: unknown; status?: number; daprCode?: string | undefined } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.failure = failure;
    this.status = details.status;
    this.daprCode = details.daprCode;
  }

  /** Whether the call certainly had no effect. */
  get nothingHappened(): boolean {
    return this.failure === 'not-sent' || this.failure === 'refused';
  }
}
