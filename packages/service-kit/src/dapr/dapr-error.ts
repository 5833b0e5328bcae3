/**
 * How a call to the sidecar failed, by what is known afterwards:
 * - `not-sent`: it never reached the sidecar, so nothing happened;
 * - `refused`: the sidecar understood it and said no (4xx), so nothing happened;
 * - `failed`: the sidecar tried and could not (5xx); what stands behind it may or may not have done it;
 * - `no-answer`: it was sent and nothing came back in time; it may or may not have been done;
 * - `invalid-answer`: what came back cannot be what a sidecar says.
 */
export type DaprFailure = 'not-sent' | 'refused' | 'failed' | 'no-answer' | 'invalid-answer';

/** A call to the sidecar that did not do what it should. `status` and `daprCode` are there if the sidecar answered. */
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

  /** Whether it is certain that nothing was done. */
  get nothingHappened(): boolean {
    return this.failure === 'not-sent' || this.failure === 'refused';
  }
}
