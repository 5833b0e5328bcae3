import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** How long a host may take to answer, and how long a transfer may stand still, before it counts as unreachable. */
const timeoutMs = { answer: 10_000, stalled: 30_000 };

/**
 * Downloads a file and resolves to the SHA-256 (hex) of what was written. `onBytes` hears how much there is so far and, if
 * the host told, in all. Rejects when the host does not answer within 10 s, the transfer stands still for 30 s, or the
 * answer is anything but 200.
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
    const watch = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        stillAlive();
        hash.update(chunk);
        received += chunk.length;
        onBytes(received, total);
        done(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(bodyOf(response)), watch, createWriteStream(target));
  });
  return hash.digest('hex');
}

/** Fetches a short text; rejects as `downloadFile` does. */
export async function downloadText(url: string): Promise<string> {
  return withAnswer(url, (response) => response.text());
}

async function withAnswer<T>(
  url: string,
  read: (response: Response, stillAlive: () => void) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const giveUpAfter = (ms: number, why: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      abort.abort(new Error(`${why} for ${ms / 1_000} s`));
    }, ms);
  };
  const stillAlive = (): void => {
    giveUpAfter(timeoutMs.stalled, 'the transfer stood still');
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
  if (response.body === null) throw new Error('the answer has no body');
  return response.body;
}
