import { problemDetailsSchema } from '@unity-purchase/contracts';

/** Where the purchase-service answers when `npm start` or `dapr run -f .` started it. */
export const defaultUrl = 'http://127.0.0.1:8000';

/** What every command that asks it says about how. */
export const urlUsage = `--url URL asks another purchase-service than ${defaultUrl}; OPERATOR_TOKEN is what it wants to hear.`;

type Question = { url: string; method: 'GET' | 'POST' | 'DELETE'; path: string; timeoutMs: number };

/**
 * Asks the API of a purchase-service as an operator. Throws with the words of the service if it refuses, and otherwise
 * resolves to its answer, whose body is still to be read.
 */
export async function askPurchaseService({ url, method, path, timeoutMs }: Question): Promise<Response> {
  const token = process.env['OPERATOR_TOKEN'];
  let response: Response;
  try {
    response = await fetch(new URL(path, url), {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    throw new Error(`No purchase-service answers at ${url}.`, { cause });
  }
  if (response.ok) return response;
  if (response.status === 401) throw new Error('The purchase-service wants to hear its OPERATOR_TOKEN.');
  const problem = problemDetailsSchema.safeParse(await response.json().catch(() => undefined)).data;
  const details = problem?.errors?.map(({ path: where, message }) => `  ${where} ${message}`) ?? [];
  throw new Error([problem?.detail ?? `It answered ${response.status}.`, ...details].join('\n'));
}
