import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { exportToFile } from './export-file.js';

const letter = (id: number) => ({
  kind: 'dead-letter',
  id: String(id).padStart(32, '0'),
  reason: 'unreadable',
  arrivedAt: '2026-01-01T00:00:00.000Z',
  state: 'waiting',
  replays: 0,
  problems: [],
  problemsNow: [],
  replayable: false,
  base64: 'ew==',
});
const end = { kind: 'end', purchases: 0, journalEntries: 0, deadLetters: 6 };

/** The lines of an export from a cursor on: three parts of two lines each, with a cursor after each part. */
function linesFrom(cursor: string | undefined): string[] {
  const parts = [1, 2, 3].filter((part) => part > Number(cursor ?? 0));
  const lines = parts.flatMap((part) => [
    letter(part * 2),
    letter(part * 2 + 1),
    { kind: 'progress', reading: 'history', entries: part, cursor: String(part) },
  ]);
  return [{ kind: 'progress', reading: 'history', entries: 0 }, ...lines, end].map(
    (line) => `${JSON.stringify(line)}\n`,
  );
}

/** An answer that ends after so many bytes, with an error or without. */
function cut(text: string, bytes: number, isError: boolean): Response {
  let isSent = false;
  return new Response(
    new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (!isSent && bytes > 0) controller.enqueue(Buffer.from(text).subarray(0, bytes));
        else if (isError && bytes < text.length) controller.error(new Error('the connection was reset'));
        else controller.close();
        isSent = true;
      },
    }),
  );
}

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'export-'));
  file = join(folder, 'ada.ndjson');
});

afterEach(() => rm(folder, { recursive: true }));

const whole = linesFrom(undefined)
  .filter((line) => !line.includes('"progress"'))
  .join('');

describe('an export to a file', () => {
  test.each([true, false])(
    'is complete wherever the connection breaks (with an error: %s)',
    async (isError) => {
      const all = linesFrom(undefined).join('');
      for (let bytes = 0; bytes < all.length; bytes += 37) {
        let tries = 0;
        const cursors: (string | undefined)[] = [];
        await exportToFile(file, {
          ask: (cursor) => {
            cursors.push(cursor);
            tries += 1;
            const text = linesFrom(cursor).join('');
            return Promise.resolve(cut(text, tries === 1 ? bytes : text.length, isError));
          },
          pausesMs: [0],
        });
        expect(await readFile(file, 'utf8')).toBe(whole);
        expect((await stat(file)).mode & 0o077).toBe(0);
        expect(await readdir(folder)).toEqual(['ada.ndjson']);
        await rm(file);
      }
    },
  );

  test('continues in another run of the command, without what was received before', async () => {
    const all = linesFrom(undefined).join('');
    const interrupted = exportToFile(file, {
      ask: (cursor) =>
        cursor === undefined
          ? Promise.resolve(cut(all, Math.floor(all.length * 0.8), true))
          : Promise.reject(new Error('No purchase-service answers.')),
      pausesMs: [0],
    });
    await expect(interrupted).rejects.toThrow('Run the command again to continue');
    expect(await readdir(folder)).toEqual(['ada.ndjson.partial']);
    const cursors: (string | undefined)[] = [];
    await exportToFile(file, {
      ask: (cursor) => {
        cursors.push(cursor);
        const text = linesFrom(cursor).join('');
        return Promise.resolve(cut(text, text.length, false));
      },
    });
    expect(cursors).toEqual(['2']);
    expect(await readFile(file, 'utf8')).toBe(whole);
  });

  test('leaves nothing behind when nothing can be continued', async () => {
    const refused = exportToFile(file, {
      ask: () => Promise.reject(new Error('No purchase-service answers.')),
    });
    await expect(refused).rejects.toThrow('No purchase-service answers.');
    expect(await readdir(folder)).toEqual([]);
  });
});
