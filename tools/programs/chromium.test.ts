import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { findChromium } from './chromium.js';

describe('finding Chromium', () => {
  test('what CHROMIUM_PATH names is taken before any usual one', async () => {
    await using folder = await temporaryFolder();
    const named = await folder.write('named', '', 0o755);
    const usual = await folder.write('usual', '', 0o755);
    expect(await findChromium({ CHROMIUM_PATH: named }, [usual])).toBe(named);
    expect(await findChromium({}, [usual])).toBe(usual);
  });

  test('a CHROMIUM_PATH that is no program is an error, even if there is another browser', async () => {
    await using folder = await temporaryFolder();
    const usual = await folder.write('usual', '', 0o755);
    const named = await folder.write('readme', '', 0o644);
    await expect(findChromium({ CHROMIUM_PATH: named }, [usual])).rejects.toThrow(named);
  });

  test('files that cannot be executed are passed over, and none left means undefined', async () => {
    await using folder = await temporaryFolder();
    const text = await folder.write('text', '', 0o644);
    expect(await findChromium({}, [text, join(folder.path, 'missing')])).toBeUndefined();
  });
});
