import {
  appIds,
  deadLetterApiPath,
  deadLetterDetailsSchema,
  deadLetterPageSchema,
  deadLetterSchema,
  problemDetailsSchema,
  type DeadLetterDecision,
  type DeadLetterDetails,
  type DeadLetterPage,
} from '@unity-purchase/contracts';
import { AppError, DaprError, type Invoke } from '@unity-purchase/service-kit';
import type { z } from 'zod';

/**
 * The dead letters, as the purchase-service keeps them. Every method throws AppError: 503 `dead-letters-unavailable` if it
 * cannot be asked, or what it says to a request that it refuses (400, 404, 409).
 */
export type DeadLetterDesk = {
  page: (cursor: string | undefined) => Promise<DeadLetterPage>;
  find: (id: string) => Promise<DeadLetterDetails>;
  decide: (id: string, decision: DeadLetterDecision) => Promise<void>;
};

export function createDeadLetterDesk(invoke: Invoke): DeadLetterDesk {
  async function ask<Answer>(
    path: string,
    schema: z.ZodType<Answer>,
    method: 'GET' | 'POST' = 'GET',
  ): Promise<Answer> {
    const { status, body } = await invoke(
      appIds.purchaseService,
      `${deadLetterApiPath}${path}`,
      method,
    ).catch((thrown: unknown) => {
      throw thrown instanceof DaprError ? unavailable(thrown) : thrown;
    });
    const problem = problemDetailsSchema.safeParse(body).data;
    if (problem !== undefined && [400, 404, 409].includes(status))
      throw new AppError(problem.code, status, problem.detail ?? '', { problems: problem.errors ?? [] });
    const answer = schema.safeParse(body);
    if (status >= 300 || !answer.success)
      throw unavailable(new Error(`the purchase-service answered ${status}`));
    return answer.data;
  }
  return {
    page: (cursor) =>
      ask(cursor === undefined ? '' : `?${new URLSearchParams({ cursor }).toString()}`, deadLetterPageSchema),
    find: (id) => ask(`/${id}`, deadLetterDetailsSchema),
    decide: async (id, decision) => {
      await ask(`/${id}/${decision}`, deadLetterSchema, 'POST');
    },
  };
}

function unavailable(cause: Error): AppError {
  return new AppError('dead-letters-unavailable', 503, 'The dead letters cannot be reached right now.', {
    cause,
    retryAfterSeconds: 2,
  });
}
