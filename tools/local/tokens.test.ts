import { describe, expect, test } from '@jest/globals';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { ensureTokens, findOperatorToken } from './tokens.js';

describe('the local tokens', () => {
  test('are created once, for their owner only', async () => {
    await using folder = await temporaryFolder();
    const tokens = await ensureTokens(folder.path);
    expect(tokens.operator).not.toBe(tokens.sidecar);
    expect((await stat(join(folder.path, 'tokens.json'))).mode & 0o777).toBe(0o600);
    expect(await ensureTokens(folder.path)).toEqual(tokens);
    expect(await findOperatorToken(folder.path)).toBe(tokens.operator);
  });

  test('are the same for two commands that start together', async () => {
    await using folder = await temporaryFolder();
    const [first, second] = await Promise.all([ensureTokens(folder.path), ensureTokens(folder.path)]);
    expect(first).toEqual(second);
  });

  test('do not exist before a system was started', async () => {
    await using folder = await temporaryFolder();
    expect(await findOperatorToken(folder.path)).toBeUndefined();
  });

  test('in a damaged file are an error that says how to get new ones', async () => {
    await using folder = await temporaryFolder();
    await folder.write('tokens.json', '{}');
    await expect(ensureTokens(folder.path)).rejects.toThrow(/tokens\.json is not valid\. Delete it/);
    await expect(findOperatorToken(folder.path)).rejects.toThrow('Delete it');
  });
});
