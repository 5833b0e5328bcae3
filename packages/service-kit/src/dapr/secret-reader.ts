import { z } from 'zod';
import { parseJson, requireSuccess } from './answer-errors.js';
import { DaprError } from './dapr-error.js';
import type { SidecarClient } from './sidecar-client.js';

/** The sidecar asks its secret store, which may be elsewhere. */
const secretDeadlineMs = 5_000;

const secretsSchema = z.record(z.string(), z.string());

/** Reads the secret with a name. @throws DaprError if the store or the secret does not exist, or cannot be read */
export type ReadSecret = (store: string, name: string) => Promise<string>;

/** Creates a function that reads secrets through the sidecar. */
export function createReadSecret(client: Pick<SidecarClient, 'request'>): ReadSecret {
  return async (store, name) => {
    const answer = await client.request({
      method: 'GET',
      path: `/v1.0/secrets/${encodeURIComponent(store)}/${encodeURIComponent(name)}`,
      deadlineMs: secretDeadlineMs,
    });
    requireSuccess(answer, `a question for the secret ${name} in ${store}`);
    const secret = secretsSchema.safeParse(parseJson(answer.body)).data?.[name];
    if (secret === undefined || secret === '')
      throw new DaprError('refused', `there is no secret ${name} in ${store}`);
    return secret;
  };
}
