import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { partsPath, pauseSecondsMax, pauseSecondsSchema } from '@unity-purchase/contracts';
import type { Pauses } from './pauses.js';

/** The endpoint at which the desk reads and pauses the parts of a system. */
export type ControlServer = AsyncDisposable & { port: number };

/** A sidecar keeps one connection for each call in progress. */
const connectionsMax = 32;

/** Requests have no body and short headers. */
const requestTimeoutMs = 5_000;
const bodyBytesMax = 1_024;
const headerBytesMax = 8_192;

const pausePattern = new RegExp(`^${partsPath}/([a-z-]{1,40})/pause$`);

/**
 * Serves the parts of a system on a free port of 127.0.0.1 to those who know the token: `GET /parts` lists them, and
 * `POST /parts/<part>/pause?seconds=<1 to 60>` pauses one. Both are answered with the parts' states, or else with 400, 401, 404, 405,
 * or 409 for a part that is paused already.
 */
export async function serveControl(pauses: Pauses, token: string): Promise<ControlServer> {
  const isToken = tokenCheck(token);
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs, maxHeaderSize: headerBytesMax },
    (request, response) => {
      dropBody(request);
      void answer(request, pauses, isToken).then(({ status, body }) => {
        send(response, status, body);
      });
    },
  );
  server.maxConnections = connectionsMax;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

type Answer = { status: number; body: unknown };

const refusal = (status: number, error: string): Answer => ({ status, body: { error } });

async function answer(
  request: IncomingMessage,
  pauses: Pauses,
  isToken: (authorization: string) => boolean,
): Promise<Answer> {
  if (!isToken(request.headers.authorization ?? '')) return refusal(401, 'the token is missing or wrong');
  const [path = '', query] = (request.url ?? '').split('?', 2);
  const part = pausePattern.exec(path)?.[1];
  if (part === undefined && path !== partsPath) return refusal(404, 'there is nothing here');
  if (request.method !== (part === undefined ? 'GET' : 'POST'))
    return refusal(405, 'another method is needed');
  const states = (): Answer => ({ status: 200, body: { parts: pauses.states() } });
  if (part === undefined) return states();
  const seconds = pauseSecondsSchema.safeParse(new URLSearchParams(query).get('seconds') ?? undefined);
  if (!seconds.success) return refusal(400, `seconds must be a whole number from 1 to ${pauseSecondsMax}`);
  const outcome = await pauses.pause(part, seconds.data);
  if (outcome === 'unknown-part') return refusal(404, 'this part cannot be paused');
  if (outcome === 'already-paused') return refusal(409, 'this part is paused already');
  return states();
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** No request needs a body. A large one is not read to its end. */
function dropBody(request: IncomingMessage): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) request.destroy();
  });
}

/** Compares digests, so that the time of a comparison says nothing about the token. */
function tokenCheck(token: string): (authorization: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${token}`);
  return (authorization) => timingSafeEqual(digest(authorization), expected);
}
