import { setTimeout as delay } from 'node:timers/promises';

/** A line of an answer that can be continued. The last line is of the kind `end`. */
type Line = { kind: string; cursor?: string | undefined };

type Options<Answer extends Line> = {
  /** Asks for the lines from a cursor on, or for all of them. Its rejection ends everything if nothing was received yet. */
  ask: (cursor: string | undefined) => Promise<Response>;
  parse: (text: string) => Answer;
  /** Where to start. */
  cursor?: string | undefined;
  /** Called before the lines after the last cursor are sent once more. */
  onInterruption?: () => Promise<void> | void;
  /** How long to wait before each further try. After the last one, the answer counts as interrupted. */
  pausesMs?: readonly number[];
};

/** The answer ended too early, and asking again did not help. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

const defaultPausesMs = [1_000, 2_000, 5_000, 10_000, 30_000];

/**
 * Yields the lines of an answer, up to its end. If the answer is interrupted, it asks for the rest from the last cursor on.
 *
 * @throws InterruptedError
 */
export async function* resumableLines<Answer extends Line>({
  ask,
  parse,
  cursor: start,
  onInterruption = () => undefined,
  pausesMs = defaultPausesMs,
}: Options<Answer>): AsyncGenerator<{ line: Answer; text: string }> {
  let cursor = start;
  let hasAnswered = false;
  for (let tries = 0; ; tries += 1) {
    let failure: unknown;
    try {
      const { body } = await ask(cursor);
      hasAnswered = true;
      if (body !== null)
        for await (const text of linesIn(body)) {
          const line = parse(text);
          yield { line, text };
          if (line.kind === 'end') return;
          if (line.cursor === undefined || line.cursor === cursor) continue;
          cursor = line.cursor;
          tries = 0;
        }
    } catch (thrown) {
      if (!hasAnswered) throw thrown;
      failure = thrown;
    }
    await onInterruption();
    const pauseMs = pausesMs[tries];
    if (pauseMs === undefined) throw new InterruptedError('the answer was interrupted', { cause: failure });
    await delay(pauseMs);
  }
}

/** The complete lines of a body. An unfinished last line is ignored. */
export async function* linesIn(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
