import { describe, expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { trimRegistrations } from './daprd-build.js';
import { builtDaprdVersionWith, daprdRecipeWith } from './daprd-recipe.js';

describe('trimRegistrations', () => {
  test('deletes the other Go files and keeps files of other kinds', async () => {
    await using folder = await temporaryFolder();
    for (const name of ['pubsub_kafka.go', 'state_etcd.go', 'readme.md']) await folder.write(name, '');
    await trimRegistrations(folder.path, ['pubsub_kafka']);
    expect((await readdir(folder.path)).sort()).toEqual(['pubsub_kafka.go', 'readme.md']);
  });

  test('rejects with the name of a missing file, and deletes nothing', async () => {
    await using folder = await temporaryFolder();
    await folder.write('pubsub_kafka2.go', '');
    await expect(trimRegistrations(folder.path, ['pubsub_kafka'])).rejects.toThrow('named pubsub_kafka');
    expect(await readdir(folder.path)).toEqual(['pubsub_kafka2.go']);
  });
});

describe('a patch of daprd', () => {
  const patch = {
    why: 'it ends',
    upstream: 'none',
    file: 'dapr/main.go',
    replacements: [{ before: 'a', after: 'b' }],
  };

  test('changes the folder of the build in the cache and the version that the program prints', () => {
    const other = { ...patch, replacements: [{ before: 'a', after: 'c' }] };
    for (const nameOf of [daprdRecipeWith, builtDaprdVersionWith])
      expect(new Set([nameOf([]), nameOf([patch]), nameOf([other])]).size).toBe(3);
  });
});
