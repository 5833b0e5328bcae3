import { appIds, isProblemCode, problemDetailsSchema } from '@unity-purchase/contracts';
import { AppError, DaprError, type Invoke } from '@unity-purchase/service-kit';
import type { z } from 'zod';

/** A question to the purchase-service. */
export type Question<Answer> = {
  path: string;
  schema: z.ZodType<Answer>;
  method?: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  /** What it says when it refuses: these are passed on with its own code and words. */
  refusals: readonly number[];
  /** What to throw when it cannot be asked, or answers what nobody understands. */
  unavailable: (cause: Error) => AppError;
};

/**
 * Asks the purchase-service through the sidecars.
 *
 * @throws what `unavailable` makes, or an AppError with what it says when it refuses
 */
export async function askPurchaseService<Answer>(
  invoke: Invoke,
  { path, schema, method = 'GET', headers, refusals, unavailable }: Question<Answer>,
): Promise<Answer> {
  const { status, body } = await invoke(appIds.purchaseService, path, method, headers).catch(
    (thrown: unknown) => {
      throw thrown instanceof DaprError ? unavailable(thrown) : thrown;
    },
  );
  if (refusals.includes(status)) {
    const problem = problemDetailsSchema.safeParse(body).data;
    if (problem !== undefined && isProblemCode(problem.code))
      throw new AppError(problem.code, { detail: problem.detail, problems: problem.errors ?? [] });
  }
  const answer = schema.safeParse(body);
  if (status >= 300 || !answer.success)
    throw unavailable(new Error(`the purchase-service answered ${status}`));
  return answer.data;
}
