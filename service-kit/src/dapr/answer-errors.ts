import { z } from 'zod';
import { DaprError } from './dapr-error.js';
import type { SidecarAnswer } from './sidecar-client.js';

const daprErrorSchema = z.object({ errorCode: z.string(), message: z.string().optional() });

/** The sidecar's own error in an answer, if it is one (Dapr's `errorCode` objects, not an app's answer passed on). */
export function daprErrorOf(answer: SidecarAnswer): DaprError | undefined {
  if (answer.status < 400) return undefined;
  const parsed = daprErrorSchema.safeParse(parseJson(answer.body));
  if (!parsed.success) return undefined;
  return new DaprError(
    answer.status < 500 ? 'refused' : 'failed',
    parsed.data.message ?? parsed.data.errorCode,
    {
      status: answer.status,
      daprCode: parsed.data.errorCode,
    },
  );
}

/** @throws DaprError unless the status says that the call was done. */
export function requireSuccess(answer: SidecarAnswer, what: string): void {
  if (answer.status >= 200 && answer.status < 300) return;
  throw (
    daprErrorOf(answer) ??
    new DaprError(
      answer.status >= 400 && answer.status < 500
        ? 'refused'
        : answer.status >= 500
          ? 'failed'
          : 'invalid-answer',
      `the sidecar answered ${answer.status} to ${what}`,
      { status: answer.status },
    )
  );
}

/** The JSON in a text, or undefined where there is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
