import { appIds, isProblemCode, problemDetailsSchema, type ProblemCode } from '@unity-purchase/contracts';
import { AppError, DaprError, type Invoke } from '@unity-purchase/service-kit';
import type { z } from 'zod';

/** A request to the purchase-service. */
export type ServiceRequest<Answer> = {
  path: string;
  /** The format of its answer. */
  schema: z.ZodType<Answer>;
  method?: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON. */
  body?: object | undefined;
  /** How long the answer may take, if it may take longer than that of a page. */
  deadlineMs?: number | undefined;
  /** Aborting it cancels the request. */
  signal?: AbortSignal | undefined;
  /** The statuses whose problem is for the caller: it is thrown with its own code and detail. */
  refusals: readonly number[];
  /** The error if the service cannot be reached, fails, or answers in an unknown format. */
  unavailable: (cause: Error) => AppError;
};

/** The purchase-service answered a request with a failure, or in an unknown format. */
export class FailedAnswerError extends Error {
  override readonly name = 'FailedAnswerError';
  /** Its problem, if the answer is one. */
  readonly code: ProblemCode | undefined;

  constructor(status: number, code: ProblemCode | undefined) {
    super(`the purchase-service answered ${status}${code === undefined ? '' : ` ${code}`}`);
    this.code = code;
  }
}

/**
 * Sends a request to the purchase-service through the sidecars.
 *
 * @throws AppError with the service's problem for one of the `refusals`, or else the error from `unavailable`
 */
export async function callPurchaseService<Answer>(
  invoke: Invoke,
  { path, schema, refusals, unavailable, ...options }: ServiceRequest<Answer>,
): Promise<Answer> {
  const { status, body } = await invoke(appIds.purchaseService, path, options).catch((thrown: unknown) => {
    throw thrown instanceof DaprError ? unavailable(thrown) : thrown;
  });
  const problem = status < 300 ? undefined : problemDetailsSchema.safeParse(body).data;
  const code = problem !== undefined && isProblemCode(problem.code) ? problem.code : undefined;
  if (problem !== undefined && code !== undefined && refusals.includes(status)) {
    const { detail, errors = [], erasedAt, purchase, decidedAt } = problem;
    throw new AppError(code, { detail, problems: errors, details: { erasedAt, purchase, decidedAt } });
  }
  const answer = schema.safeParse(body);
  if (status >= 300 || !answer.success) throw unavailable(new FailedAnswerError(status, code));
  return answer.data;
}
