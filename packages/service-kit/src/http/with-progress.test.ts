import { expect, test } from '@jest/globals';
import { withProgress } from './with-progress.js';

/** Lines that are only there when `release` is called, and whether they were stopped. */
function heldLines() {
  const held = { release: (): void => undefined, isStopped: false };
  const lines = (async function* (): AsyncGenerator<string, void> {
    try {
      await new Promise<void>((resolve) => (held.release = resolve));
      yield 'line';
    } finally {
      held.isStopped = true;
    }
  })();
  return { held, lines };
}

test('sends the progress at once, then while a line takes long, then the line', async () => {
  const { held, lines } = heldLines();
  let count = 0;
  const stream = withProgress(lines, { progress: () => (count += 1), everyMs: 1 });
  const sent: unknown[] = [];
  for (let index = 0; index < 3; index += 1) sent.push((await stream.next()).value);
  held.release();
  for await (const line of stream) sent.push(line);
  expect(sent.slice(0, 3)).toEqual([1, 2, 3]);
  expect(sent.at(-1)).toBe('line');
});

test('stops the lines when it is stopped', async () => {
  const { held, lines } = heldLines();
  const stream = withProgress(lines, { progress: () => 0, everyMs: 1 });
  await stream.next();
  await stream.next();
  await stream.return();
  held.release();
  await expect(lines.next()).resolves.toEqual({ done: true, value: undefined });
  expect(held.isStopped).toBe(true);
});

test('fails when the lines fail', async () => {
  const failing = (async function* (): AsyncGenerator<string, void> {
    yield await Promise.reject<string>(new Error('gone'));
  })();
  const stream = withProgress(failing, { progress: () => 0, everyMs: 1000 });
  await stream.next();
  await expect(stream.next()).rejects.toThrow('gone');
});
