import { daprErrorOf, parseJson } from './answer-errors.js';
import type { SidecarClient } from './sidecar-client.js';

/** A page waits for the answer: what is not there by then is "unavailable right now". */
const invokeDeadlineMs = 3000;

/** What the other service answered: its status, and its JSON if it was JSON. */
export type Invocation = { status: number; body: unknown };

/**
 * Asks another service, by its app id, through the two sidecars; `POST` has it do something. Any status of the other service
 * is an answer. `headers` reach the other service; their names are in lower case, their values printable ASCII.
 *
 * @throws DaprError if no service could be asked, or did not answer in time.
 */
export type Invoke = (
  appId: string,
  path: string,
  method?: 'GET' | 'POST',
  headers?: Readonly<Record<string, string>>,
) => Promise<Invocation>;

export function createInvoke(client: SidecarClient): Invoke {
  return async (appId, path, method = 'GET', headers = {}) => {
    const answer = await client.request({
      method,
      path: `/v1.0/invoke/${appId}/method${path}`,
      deadlineMs: invokeDeadlineMs,
      headers,
    });
    const error = daprErrorOf(answer);
    if (error !== undefined) throw error;
    return { status: answer.status, body: parseJson(answer.body) };
  };
}
