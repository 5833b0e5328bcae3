import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

type Options = {
  headers: Readonly<Record<string, string>>;
  /** The number of pieces to read before the answer begins. An error among them is answered like any other. */
  readAhead: number;
};

/**
 * How often a middleware that compresses must send what it has so far. It would wait for more, and the client and the proxies in
 * between would see nothing while the next piece takes long.
 */
const flushEveryMs = 1_000;

/** `pipeline` alone listens to one event with five functions, and every middleware may do so, too. Node warns at eleven. */
const listenersMax = 20;

/** A response that the middleware `compression` compresses. */
type Flushable = { flush?: () => void };

/**
 * Answers with a text of any length, piece by piece, as fast as the client reads. If a later piece fails, the connection is
 * closed and the promise rejects. If the client disconnects, the promise resolves. HEAD gets the headers, and reads nothing.
 */
export async function streamText(
  response: Response,
  pieces: AsyncGenerator<string, void>,
  { headers, readAhead }: Options,
): Promise<void> {
  if (response.req.method === 'HEAD') {
    await pieces.return();
    response.set(headers).end();
    return;
  }
  const beginning: string[] = [];
  while (beginning.length < readAhead) {
    const { done, value } = await pieces.next();
    if (done === true) break;
    beginning.push(value);
  }
  response.set(headers).setMaxListeners(listenersMax);
  // A compressor would hold the headers back, too.
  response.flushHeaders();
  let hasNew = false;
  const noted = async function* (text: AsyncGenerator<string>) {
    for await (const piece of text) {
      hasNew = true;
      yield piece;
    }
  };
  const flushing = setInterval(() => {
    // A client that does not read gets no new pieces, so flushes do not queue.
    if (hasNew) (response as Flushable).flush?.();
    hasNew = false;
  }, flushEveryMs);
  try {
    await pipeline(Readable.from(noted(joined(beginning, pieces))), response);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw thrown;
  } finally {
    clearInterval(flushing);
  }
}

async function* joined(
  beginning: readonly string[],
  rest: AsyncGenerator<string, void>,
): AsyncGenerator<string> {
  // The client determines when the next piece is read, so the context of the request would be lost.
  const inRequest = AsyncLocalStorage.snapshot();
  yield* beginning;
  try {
    for (;;) {
      const { done, value } = await inRequest(() => rest.next());
      if (done === true) return;
      yield value;
    }
  } finally {
    await rest.return();
  }
}
