import { operatorHeader, problemDetailsSchema } from '@unity-purchase/contracts';
import { defaultDataDir } from '../local/runner/local-resources.js';
import { findOperatorToken } from '../local/tokens.js';
import { projectRoot } from '../project-root.js';
import { commands } from './command-table.js';
import { operatorName } from './operator-name.js';

/** The purchase-service that `npm start`, `npm run dev` and `dapr run -f .` start. */
export const defaultUrl = commands['dead-letters'].options.url.default;

type Call = {
  url: string;
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  timeoutMs: number;
  /** Sent as JSON. */
  body?: object;
};

/**
 * Calls the API of a purchase-service as an operator and resolves to its response, whose body has not been read yet. Rejects
 * when no service answers, or with the service's own message when it refuses.
 */
export async function askPurchaseService({ url, method, path, timeoutMs, body }: Call): Promise<Response> {
  const token = await operatorTokenFor(url);
  const name = operatorName(process.env);
  let response: Response;
  try {
    response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(name === undefined ? {} : { [operatorHeader]: encodeURIComponent(name) }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    throw new Error(
      `No purchase-service answers at ${url}. Start one with npm start, or name another with --url.`,
      {
        cause,
      },
    );
  }
  if (response.ok) return response;
  if (response.status === 401)
    throw new Error(
      'The purchase-service refused the token. Set OPERATOR_TOKEN to the token it was started with.',
    );
  const problem = problemDetailsSchema.safeParse(await response.json().catch(() => undefined)).data;
  const details = problem?.errors?.map(({ path: where, message }) => `  ${where} ${message}`) ?? [];
  const summary = problem?.detail ?? `The purchase-service answered with status ${response.status}.`;
  throw new Error([summary, ...details].join('\n'));
}

/** The token in the environment. Otherwise the token of `npm start`, which goes to no other address than its own. */
async function operatorTokenFor(url: string): Promise<string | undefined> {
  const token = process.env['OPERATOR_TOKEN'];
  if (token !== undefined || url !== defaultUrl) return token;
  return findOperatorToken(defaultDataDir(projectRoot));
}
