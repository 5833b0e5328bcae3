import { describe, expect, test } from '@jest/globals';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { defaultCacheRoot, installAtomically, installedPath, installFolder, toolFolder } from './cache.js';

describe('the place of the cache', () => {
  test('is below XDG_CACHE_HOME, or below .cache at home where that is unset or empty', () => {
    expect(defaultCacheRoot({ XDG_CACHE_HOME: '/var/cache' })).toBe('/var/cache/unity-purchase');
    expect(defaultCacheRoot({})).toBe(join(homedir(), '.cache/unity-purchase'));
    expect(defaultCacheRoot({ XDG_CACHE_HOME: '' })).toBe(join(homedir(), '.cache/unity-purchase'));
  });
});

describe('installing into the cache', () => {
  const produce = (content: string) => async (folder: string) => {
    const path = join(folder, 'produced');
    await writeFile(path, content);
    return path;
  };

  test('replaces what was there and leaves only the program behind', async () => {
    await using folder = await temporaryFolder();
    await installAtomically(folder.path, 'daprd', produce('first'));
    const path = await installAtomically(folder.path, 'daprd', produce('second'));
    expect(path).toBe(installedPath(folder.path, 'daprd'));
    expect(await readFile(path, 'utf8')).toBe('second');
    expect(await readdir(toolFolder(folder.path, 'daprd'))).toEqual(['daprd']);
  });

  test('that fails keeps what was there and leaves nothing behind', async () => {
    await using folder = await temporaryFolder();
    const path = await installAtomically(folder.path, 'daprd', produce('good'));
    const failing = installAtomically(folder.path, 'daprd', () => Promise.reject(new Error('no disk')));
    await expect(failing).rejects.toThrow('no disk');
    expect(await readFile(path, 'utf8')).toBe('good');
    expect(await readdir(toolFolder(folder.path, 'daprd'))).toEqual(['daprd']);
  });

  test('removes what an interrupted one left an hour ago, but not what another is working on', async () => {
    await using folder = await temporaryFolder();
    const tool = toolFolder(folder.path, 'daprd');
    for (const name of ['.installing-old', '.installing-new'])
      await folder.write(join('daprd', tool.split('/').at(-1) ?? '', name, 'part'), '');
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1_000);
    await utimes(join(tool, '.installing-old'), twoHoursAgo, twoHoursAgo);
    await installAtomically(folder.path, 'daprd', produce('x'));
    expect((await readdir(tool)).sort()).toEqual(['.installing-new', 'daprd']);
  });
});

describe('installing a folder into the cache', () => {
  test('is done once: what is complete stays', async () => {
    await using folder = await temporaryFolder();
    const fill = (content: string) => (target: string) => writeFile(join(target, 'part'), content);
    const first = await installFolder(folder.path, 'kafka/1', fill('first'));
    expect(await installFolder(folder.path, 'kafka/1', fill('second'))).toBe(first);
    expect(await readFile(join(first, 'part'), 'utf8')).toBe('first');
    expect(await readdir(join(folder.path, 'kafka'))).toEqual(['1']);
  });

  test('that fails leaves nothing behind, so that the next one begins anew', async () => {
    await using folder = await temporaryFolder();
    const failing = installFolder(folder.path, 'kafka/1', async (target) => {
      await writeFile(join(target, 'part'), '');
      throw new Error('no network');
    });
    await expect(failing).rejects.toThrow('no network');
    expect(await readdir(join(folder.path, 'kafka'))).toEqual([]);
  });
});
