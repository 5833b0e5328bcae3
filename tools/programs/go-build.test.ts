import { describe, expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { trimRegistrations } from './go-build.js';
import { requireGo } from './go-toolchain.js';

describe('trimming the registrations of daprd', () => {
  test('only those that are kept remain, and files of other kinds are left alone', async () => {
    await using folder = await temporaryFolder();
    for (const name of ['pubsub_kafka.go', 'state_etcd.go', 'readme.md']) await folder.write(name, '');
    await trimRegistrations(folder.path, ['pubsub_kafka']);
    expect((await readdir(folder.path)).sort()).toEqual(['pubsub_kafka.go', 'readme.md']);
  });

  test('one that upstream renamed is reported by name, and nothing is deleted', async () => {
    await using folder = await temporaryFolder();
    await folder.write('pubsub_kafka2.go', '');
    await expect(trimRegistrations(folder.path, ['pubsub_kafka'])).rejects.toThrow('named pubsub_kafka');
    expect(await readdir(folder.path)).toEqual(['pubsub_kafka2.go']);
  });
});

describe('requiring Go', () => {
  async function withGo(stated: string): Promise<string> {
    await using folder = await temporaryFolder();
    const go = await folder.write('go', `#!/bin/sh\necho ${stated}\n`, 0o755);
    return await requireGo(go, '1.26.5').then(() => 'accepted', String);
  }

  test('the minimum and anything newer is accepted, by number and not by letter', async () => {
    for (const version of ['go1.26.5', 'go1.26.10', 'go1.27', 'go2.0.1'])
      expect(await withGo(version)).toBe('accepted');
  });

  test('an older one is refused with both versions', async () => {
    expect(await withGo('go1.26.4')).toContain('Go 1.26.5 or newer is needed; this is go1.26.4');
    expect(await withGo('go1.9')).toContain('is needed');
  });

  test('a missing one is refused as missing', async () => {
    await expect(requireGo('/nowhere/go', '1.26.5')).rejects.toThrow('Go is not installed (1.26.5');
  });
});
