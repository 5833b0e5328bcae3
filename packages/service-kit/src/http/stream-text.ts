import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

type Options = {
  headers: Readonly<Record<string, string>>;
  /** So many pieces are there before anything is answered: what fails by then is answered as everywhere. */
  readAhead: number;
};

/**
 * Answers with a text of any length, piece by piece, as fast as it is taken. Where a piece fails later on, the connection
 * breaks off and this rejects; a client that goes away is no error, and ends it.
 */
export async function streamText(
  response: Response,
  pieces: AsyncGenerator<string, void>,
  { headers, readAhead }: Options,
): Promise<void> {
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
  yield* beginning;
  yield* rest;
}
