import { Pool } from 'undici';
import { toError } from '../errors/to-error.js';
import { DaprError } from './dapr-error.js';

/** An answer of the sidecar, whatever its status. */
export type SidecarAnswer = { status: number; body: string };

/** HTTP to the sidecar, over connections that are kept. */
export type SidecarClient = {
  /** @throws DaprError `not-sent` or `no-answer`; a status is never an error here. */
  request: (call: SidecarCall) => Promise<SidecarAnswer>;
  close: () => Promise<void>;
};

export type SidecarCall = {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  deadlineMs: number;
  body?: string;
  contentType?: string;
  /** Besides those that every call has, which these cannot replace. */
  headers?: Readonly<Record<string, string>>;
};

/** More at once than a service has requests in flight; beyond that, calls wait here and not in the sidecar. */
const connectionsMax = 64;

/** Above the sidecar's own limit of 4 MiB with the escapes of JSON in JSON: more cannot be an honest answer. */
const answerBytesMax = 16 * 1024 * 1024;

/** Errors that can only come before a request was written. */
const notSentCodes = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Connects to the sidecar on this host; a connection is made with the first request. */
export function createSidecarClient(port: number, apiToken: string | undefined): SidecarClient {
  const pool = new Pool(`http://127.0.0.1:${port}`, {
    connections: connectionsMax,
    // Every call has a deadline of its own, which covers waiting for a connection, headers and body.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: answerBytesMax,
  });
  const token = apiToken === undefined ? {} : { 'dapr-api-token': apiToken };
  return {
    request: async ({ method, path, deadlineMs, body, contentType = 'application/json', headers = {} }) => {
      // Not AbortSignal.timeout: its timer outlives the call, and at a thousand calls a second that shows.
      const deadline = new AbortController();
      const timer = setTimeout(() => {
        deadline.abort();
      }, deadlineMs);
      try {
        const answer = await pool.request({
          method,
          path,
          headers: { ...headers, ...token, ...(body === undefined ? {} : { 'content-type': contentType }) },
          body: body ?? null,
          signal: deadline.signal,
        });
        return { status: answer.statusCode, body: await answer.body.text() };
      } catch (thrown) {
        const cause = toError(thrown);
        if (notSentCodes.has(cause.code ?? ''))
          throw new DaprError('not-sent', 'the sidecar cannot be reached', { cause });
        throw new DaprError('no-answer', `the sidecar did not answer within ${deadlineMs} ms`, { cause });
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => pool.close(),
  };
}
