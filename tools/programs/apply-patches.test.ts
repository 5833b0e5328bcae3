import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { applyPatches, type SourcePatch } from './apply-patches.js';

function patch(before: string): SourcePatch {
  return { why: 'it ends', upstream: 'none', file: 'main.go', replacements: [{ before, after: 'two' }] };
}

describe('applyPatches', () => {
  test('replaces a text that occurs once and keeps the rest', async () => {
    await using folder = await temporaryFolder();
    const path = await folder.write('main.go', 'zero one three\n');
    await applyPatches(folder.path, [patch('one')]);
    expect(await readFile(path, 'utf8')).toBe('zero two three\n');
  });

  test.each([
    ['is missing, as after an upgrade', 'zero\n'],
    ['occurs twice', 'one one\n'],
  ])('rejects with file and text when the text %s', async (_what, content) => {
    await using folder = await temporaryFolder();
    const path = await folder.write('main.go', content);
    await expect(applyPatches(folder.path, [patch('one')])).rejects.toThrow(
      'main.go does not contain this text exactly once: one',
    );
    expect(await readFile(path, 'utf8')).toBe(content);
  });
});
