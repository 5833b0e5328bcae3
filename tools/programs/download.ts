import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The time limits for the first answer of a host, and for a pause in a transfer. */
const timeoutMs = { answer: 10_000, stalled: 30_000 };

/**
 * Downloads a file. Resolves to the SHA-256 of its content in hexadecimal. `onBytes` is called with the number of bytes received
 * so far and, if known, the total. Rejects if the host does not answer within 10 s, the transfer pauses for 30 s, or the status
 * is not 200.
 */
export async function downloadFile(
  url: string,
  target: string,
  onBytes: (received: number, total: number | undefined) => void = () => undefined,
): Promise<string> {
  const hash = createHash('sha256');
  await withAnswer(url, async (response, stillAlive) => {
    const total = Number(response.headers.get('content-length')) || undefined;
    let received = 0;
    const counter = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        stillAlive();
        hash.update(chunk);
        received += chunk.length;
        onBytes(received, total);
        done(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(bodyOf(response)), counter, createWriteStream(target));
  });
  return hash.digest('hex');
}

/** Downloads a short text. Rejects as `downloadFile` does. */
export async function downloadText(url: string): Promise<string> {
  return withAnswer(url, (response) => response.text());
}

async function withAnswer<T>(
  url: string,
  read: (response: Response, stillAlive: () => void) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const giveUpAfter = (limitMs: number, reason: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      abort.abort(new Error(`${reason} for ${limitMs / 1_000} s`));
    }, limitMs);
  };
  const stillAlive = (): void => {
    giveUpAfter(timeoutMs.stalled, 'the transfer paused');
  };
  giveUpAfter(timeoutMs.answer, 'no answer');
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) throw new Error(`the host answered ${response.status}`);
    stillAlive();
    return await read(response, stillAlive);
  } catch (error) {
    throw new Error(url, { cause: error });
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

function bodyOf(response: Response): ReadableStream {
  if (response.body === null) throw new Error('the answer is empty');
  return response.body;
}
