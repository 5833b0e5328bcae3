import { describe, expect, test } from '@jest/globals';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { ensureSecrets } from './secrets.js';

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('local secrets', () => {
  test('are created as 256 random bits that only the owner can read', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'data/secrets.json');
    await ensureSecrets(path);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      session: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
    expect(await modeOf(path)).toBe(0o600);
  });

  test('keep their content when they exist, but become unreadable for others', async () => {
    await using folder = await temporaryFolder();
    const text = JSON.stringify({ session: 'x'.repeat(32), mine: 'too' });
    const path = await folder.write('secrets.json', text, 0o644);
    await ensureSecrets(path);
    expect(await readFile(path, 'utf8')).toBe(text);
    expect(await modeOf(path)).toBe(0o600);
  });

  test('are rejected and not replaced when they are invalid', async () => {
    await using folder = await temporaryFolder();
    for (const text of ['{}', '{"session":"short"}', 'not json']) {
      const path = await folder.write('secrets.json', text);
      await expect(ensureSecrets(path)).rejects.toThrow('delete');
      expect(await readFile(path, 'utf8')).toBe(text);
    }
  });
});
