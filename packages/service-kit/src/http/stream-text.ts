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
  response.set(headers);
  try {
    await pipeline(Readable.from(joined(beginning, pieces)), response);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw thrown;
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
