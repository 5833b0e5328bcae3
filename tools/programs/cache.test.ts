import { describe, expect, test } from '@jest/globals';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { defaultCacheRoot, installAtomically, installedPath, installFolder, toolFolder } from './cache.js';

describe('defaultCacheRoot', () => {
  test('is in XDG_CACHE_HOME, or in ~/.cache if that is unset or empty', () => {
    expect(defaultCacheRoot({ XDG_CACHE_HOME: '/var/cache' })).toBe('/var/cache/unity-purchase');
    expect(defaultCacheRoot({})).toBe(join(homedir(), '.cache/unity-purchase'));
    expect(defaultCacheRoot({ XDG_CACHE_HOME: '' })).toBe(join(homedir(), '.cache/unity-purchase'));
  });
});

describe('installAtomically', () => {
  const produce = (content: string) => async (folder: string) => {
    const path = join(folder, 'produced');
    await writeFile(path, content);
    return path;
  };

  test('replaces the previous program and leaves no other files behind', async () => {
    await using folder = await temporaryFolder();
    await installAtomically(folder.path, 'daprd', produce('first'));
    const path = await installAtomically(folder.path, 'daprd', produce('second'));
    expect(path).toBe(installedPath(folder.path, 'daprd'));
    expect(await readFile(path, 'utf8')).toBe('second');
    expect(await readdir(toolFolder(folder.path, 'daprd'))).toEqual(['daprd']);
  });

  test('keeps the previous program and leaves no other files behind when it fails', async () => {
    await using folder = await temporaryFolder();
    const path = await installAtomically(folder.path, 'daprd', produce('good'));
    const failing = installAtomically(folder.path, 'daprd', () => Promise.reject(new Error('no disk')));
    await expect(failing).rejects.toThrow('no disk');
    expect(await readFile(path, 'utf8')).toBe('good');
    expect(await readdir(toolFolder(folder.path, 'daprd'))).toEqual(['daprd']);
  });

  test('removes the files of an interrupted installation after an hour, but not those of a running one', async () => {
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

describe('installFolder', () => {
  test('keeps a folder that is already complete', async () => {
    await using folder = await temporaryFolder();
    const fill = (content: string) => (target: string) => writeFile(join(target, 'part'), content);
    const first = await installFolder(folder.path, 'kafka/1', fill('first'));
    expect(await installFolder(folder.path, 'kafka/1', fill('second'))).toBe(first);
    expect(await readFile(join(first, 'part'), 'utf8')).toBe('first');
    expect(await readdir(join(folder.path, 'kafka'))).toEqual(['1']);
  });

  test('leaves no files behind when it fails, so that the next call starts from an empty folder', async () => {
    await using folder = await temporaryFolder();
    const failing = installFolder(folder.path, 'kafka/1', async (target) => {
      await writeFile(join(target, 'part'), '');
      throw new Error('no network');
    });
    await expect(failing).rejects.toThrow('no network');
    expect(await readdir(join(folder.path, 'kafka'))).toEqual([]);
  });
});
