import { daprErrorOf, parseJson } from './answer-errors.js';
import type { SidecarClient } from './sidecar-client.js';

/** A page waits for the answer. After this time it is "not available right now". */
const invokeDeadlineMs = 3000;

/** The other service's answer: its status, and its body if that is JSON. */
export type Invocation = { status: number; body: unknown };

/**
 * Calls another service by its app id, through the two sidecars. Resolves for any status of the other service. The names of
 * `headers` must be in lower case and their values in printable ASCII.
 *
 * @throws DaprError if the service cannot be reached or does not answer in time, or the call is cancelled
 */
export type Invoke = (appId: string, path: string, options?: InvokeOptions) => Promise<Invocation>;

export type InvokeOptions = {
  /** GET by default. */
  method?: 'GET' | 'POST' | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON. */
  body?: object | undefined;
  /** How long the answer may take, if it may take longer than that of a page. */
  deadlineMs?: number | undefined;
  /** Aborting it cancels the call, also in the other service. */
  signal?: AbortSignal | undefined;
};

export function createInvoke(client: Pick<SidecarClient, 'request'>): Invoke {
  return async (
    appId,
    path,
    { method = 'GET', headers = {}, body, deadlineMs = invokeDeadlineMs, signal } = {},
  ) => {
    const answer = await client.request({
      method,
      path: `/v1.0/invoke/${appId}/method${path}`,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      deadlineMs,
      headers,
      signal,
    });
    const error = daprErrorOf(answer);
    if (error !== undefined) throw error;
    return { status: answer.status, body: parseJson(answer.body) };
  };
}
