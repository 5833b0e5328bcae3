import { describe, expect, test } from '@jest/globals';
import { progressOn } from './progress.js';

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { written, stream: { isTTY, write: (text: string) => written.push(text) > 0 } };
}

describe('progress', () => {
  test('in a log file says what has begun in a line of its own', async () => {
    const { written, stream } = terminal(false);
    await progressOn(stream).during('Building', () => Promise.resolve());
    expect(written).toEqual(['Building ...\n']);
  });

  test('on a terminal the line is wiped when the work is done', async () => {
    const { written, stream } = terminal(true);
    await progressOn(stream).during('Building', () => Promise.resolve());
    expect(written.at(-1)).toBe('\r\u001b[K');
  });

  test('passes on what the work resolves to and what it rejects with', async () => {
    const progress = progressOn(terminal(false).stream);
    expect(await progress.during('a', () => Promise.resolve(7))).toBe(7);
    await expect(progress.during('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
