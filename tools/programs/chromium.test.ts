import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { findChromium } from './chromium.js';

describe('findChromium', () => {
  test('prefers the program in CHROMIUM_PATH to the usual paths', async () => {
    await using folder = await temporaryFolder();
    const named = await folder.write('named', '', 0o755);
    const usual = await folder.write('usual', '', 0o755);
    expect(await findChromium({ CHROMIUM_PATH: named }, [usual])).toBe(named);
    expect(await findChromium({}, [usual])).toBe(usual);
  });

  test('rejects a CHROMIUM_PATH that is not a program, even if another browser exists', async () => {
    await using folder = await temporaryFolder();
    const usual = await folder.write('usual', '', 0o755);
    const named = await folder.write('readme', '', 0o644);
    await expect(findChromium({ CHROMIUM_PATH: named }, [usual])).rejects.toThrow(named);
  });

  test('skips files that are not executable, and resolves to undefined if none is left', async () => {
    await using folder = await temporaryFolder();
    const text = await folder.write('text', '', 0o644);
    expect(await findChromium({}, [text, join(folder.path, 'missing')])).toBeUndefined();
  });
});
