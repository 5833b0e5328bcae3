import { z } from 'zod';
import { DaprError, type DaprFailure } from './dapr-error.js';
import type { SidecarAnswer } from './sidecar-client.js';

const daprErrorSchema = z.object({ errorCode: z.string(), message: z.string().optional() });

/** The sidecar's own error in an answer, if it has one: Dapr's `errorCode` object, as opposed to another app's answer. */
export function daprErrorOf(answer: SidecarAnswer): DaprError | undefined {
  if (answer.status < 400) return undefined;
  const parsed = daprErrorSchema.safeParse(parseJson(answer.body));
  if (!parsed.success) return undefined;
  const { errorCode, message = errorCode } = parsed.data;
  return new DaprError(failureOf(answer.status), message, { status: answer.status, daprCode: errorCode });
}

/** @throws DaprError unless the status is a success */
export function requireSuccess(answer: SidecarAnswer, what: string): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  throw (
    daprErrorOf(answer) ??
    new DaprError(failureOf(status), `the sidecar answered ${status} to ${what}`, { status })
  );
}

/** What a status other than success means for a call. */
function failureOf(status: number): DaprFailure {
  if (status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'invalid-answer';
}

/** The JSON in a text, or undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
