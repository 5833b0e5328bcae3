import { describe, expect, test } from '@jest/globals';
import { progressOn } from './progress.js';

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { written, stream: { isTTY, write: (text: string) => written.push(text) > 0 } };
}

describe('progressOn', () => {
  test('prints one line to a log file when the work begins', async () => {
    const { written, stream } = terminal(false);
    await progressOn(stream).during('Building', () => Promise.resolve());
    expect(written).toEqual(['Building ...\n']);
  });

  test('clears the line on a terminal when the work is done', async () => {
    const { written, stream } = terminal(true);
    await progressOn(stream).during('Building', () => Promise.resolve());
    expect(written.at(-1)).toBe('\r\u001b[K');
  });

  test('settles with the result of the work', async () => {
    const progress = progressOn(terminal(false).stream);
    expect(await progress.during('a', () => Promise.resolve(7))).toBe(7);
    await expect(progress.during('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
