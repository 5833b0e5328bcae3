import { describe, expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../testing/temporary-folder.js';
import { lockDataFolder } from './data-folder-lock.js';

describe('lockDataFolder', () => {
  test('gives a folder to one of many that ask at the same moment, and tells the others who has it', async () => {
    await using folder = await temporaryFolder();
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => lockDataFolder(folder.path)));
    const failures = asked.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
    expect(failures).toHaveLength(19);
    for (const failure of failures)
      expect(failure).toContain(`${folder.path} is in use by process ${process.pid}.`);
  });

  test('can be taken again when it is free, and leaves no file behind', async () => {
    await using folder = await temporaryFolder();
    for (let round = 0; round < 2; round += 1)
      await (await lockDataFolder(folder.path))[Symbol.asyncDispose]();
    expect(await readdir(folder.path)).toEqual([]);
  });

  test.each([
    ['a process that has ended', '999999999 1'],
    ['an earlier process with an id that is in use again', `${process.pid} 1`],
    ['nobody, because the disk was full', ''],
  ])('is taken over from %s', async (_owner, content) => {
    await using folder = await temporaryFolder();
    await folder.write('system.lock', content);
    await using lock = await lockDataFolder(folder.path);
    expect(lock).toBeDefined();
    expect(await readdir(folder.path)).toEqual(['system.lock']);
    await expect(lockDataFolder(join(folder.path, '.'))).rejects.toThrow('is in use');
  });
});
