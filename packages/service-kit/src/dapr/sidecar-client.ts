import { Pool } from 'undici';
import { toError } from '../errors/to-error.js';
import { DaprError } from './dapr-error.js';
import type { LaneLimits } from './lanes.js';

/** An answer of the sidecar, with any status. */
export type SidecarAnswer = { status: number; body: string };

/** An HTTP client for the sidecar that keeps its connections. */
export type SidecarClient = {
  /** Resolves for any status. @throws DaprError `not-sent` or `no-answer` */
  request: (call: SidecarCall) => Promise<SidecarAnswer>;
  close: () => Promise<void>;
};

export type SidecarCall = {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  deadlineMs: number;
  body?: string;
  contentType?: string;
  /** Additional headers; they cannot replace those of every call. */
  headers?: Readonly<Record<string, string>>;
  /** Aborting it cancels the call: then the request rejects with `no-answer`. */
  signal?: AbortSignal | undefined;
};

/** The sidecar's limit of 4 MiB, with room for the escapes of JSON in JSON. */
const answerBytesMax = 16 * 1024 * 1024;

/** Errors that occur only before a request is written. */
const notSentCodes = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Creates a client for the sidecar on this host. Connections are opened by the first request. A call beyond `callsMax` fails with
 * `not-sent`.
 */
export function createSidecarClient(
  port: number,
  apiToken: string | undefined,
  { connections, callsMax }: LaneLimits,
): SidecarClient {
  const pool = new Pool(`http://127.0.0.1:${port}`, {
    connections,
    // The deadline of each call covers waiting for a connection, headers and body.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: answerBytesMax,
  });
  let calls = 0;
  const token = apiToken === undefined ? {} : { 'dapr-api-token': apiToken };
  return {
    request: async ({
      method,
      path,
      deadlineMs,
      body,
      contentType = 'application/json',
      headers = {},
      signal,
    }) => {
      if (calls >= callsMax) throw new DaprError('not-sent', `${calls} other calls are in progress`);
      calls += 1;
      // The timers of AbortSignal.timeout outlive their calls, which costs time at a thousand calls per second.
      const deadline = new AbortController();
      const abort = () => {
        deadline.abort();
      };
      const timer = setTimeout(abort, deadlineMs);
      signal?.addEventListener('abort', abort);
      try {
        signal?.throwIfAborted();
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
        if (signal?.aborted === true)
          throw new DaprError('no-answer', 'a call to the sidecar was cancelled', { cause });
        throw new DaprError('no-answer', `the sidecar did not answer within ${deadlineMs} ms`, { cause });
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        calls -= 1;
      }
    },
    close: () => pool.close(),
  };
}
