import { describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { requireGo } from './go-toolchain.js';

describe('requireGo', () => {
  async function withGo(stated: string): Promise<string> {
    await using folder = await temporaryFolder();
    const go = await folder.write('go', `#!/bin/sh\necho ${stated}\n`, 0o755);
    return await requireGo(go, '1.26.5').then(() => 'accepted', String);
  }

  test('accepts the minimum version and newer ones, compared as numbers', async () => {
    for (const version of ['go1.26.5', 'go1.26.10', 'go1.27', 'go2.0.1'])
      expect(await withGo(version)).toBe('accepted');
  });

  test('rejects an older version and names both versions', async () => {
    expect(await withGo('go1.26.4')).toContain('Go 1.26.5 or newer is required; this is go1.26.4');
    expect(await withGo('go1.9')).toContain('is required');
  });

  test('rejects with an explanation if Go is not installed', async () => {
    await expect(requireGo('/nowhere/go', '1.26.5')).rejects.toThrow('Go is not installed (1.26.5');
  });
});
