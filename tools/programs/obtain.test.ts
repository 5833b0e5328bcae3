import { describe, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePorts } from '../local/runner/free-ports.js';
import { publishDaprd, serve } from './testing/release-host.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { installedPath, toolFolder } from './cache.js';
import { obtainToolAndOrigin } from './obtain.js';
import { silentProgress, type Progress } from './progress.js';
import { versions } from './versions.js';

// Real processes on a busy machine; every wait in here has a shorter deadline and a better message.
jest.setTimeout(60_000);

/** Nothing is installed and there is no Go, unless a test says otherwise. */
const bare = { searchFolders: [], go: '/nowhere/go', progress: silentProgress };

describe('obtaining a tool', () => {
  test('an official release with the right checksum is installed, and the file can be executed', async () => {
    await using folder = await temporaryFolder();
    await using host = await publishDaprd(folder);
    const cacheRoot = join(folder.path, 'cache');
    const { path, origin } = await obtainToolAndOrigin('daprd', {
      ...bare,
      cacheRoot,
      releaseHost: host.url,
    });
    expect(origin).toBe('official release');
    expect(path).toBe(installedPath(cacheRoot, 'daprd'));
    expect(execFileSync(path, ['--version'], { encoding: 'utf8' }).trim()).toBe(versions.daprd);
  });

  test('a release with another checksum is refused loudly, never installed, and a build is tried', async () => {
    await using folder = await temporaryFolder();
    await using host = await publishDaprd(folder, { tampered: true });
    const said: string[] = [];
    const progress: Progress = { ...silentProgress, say: (line) => said.push(line) };
    const cacheRoot = join(folder.path, 'cache');
    const obtaining = obtainToolAndOrigin('daprd', { ...bare, cacheRoot, releaseHost: host.url, progress });
    await expect(obtaining).rejects.toThrow(/publisher states .*\. It was not used[^]*Go is not installed/);
    expect(said.join('\n')).toMatch(/WARNING: .*SHA-256/);
    expect(await readdir(toolFolder(cacheRoot, 'daprd'))).toEqual([]);
  });

  test('a host without the release and one that refuses connections both end in a message with every reason', async () => {
    await using folder = await temporaryFolder();
    await using host = await serve({});
    const [closedPort = 0] = await findFreePorts(1);
    const cacheRoot = join(folder.path, 'cache');
    const failing = (releaseHost: string) =>
      obtainToolAndOrigin('nats-server', { ...bare, cacheRoot, releaseHost }).then(String, String);
    const missing = await failing(host.url);
    expect(missing).toMatch(/official release: .*SHA256SUMS: the host answered 404/);
    expect(missing).toMatch(/build with Go: Go is not installed/);
    expect(missing).toContain(`a nats-server ${versions['nats-server']} on the PATH`);
    expect(await failing(`http://127.0.0.1:${closedPort}`)).toMatch(/official release: .*ECONNREFUSED/);
  });

  test('a program that states another version than the pinned one is not installed', async () => {
    await using folder = await temporaryFolder();
    await using host = await publishDaprd(folder, { stated: '1.2.3' });
    const cacheRoot = join(folder.path, 'cache');
    const obtaining = obtainToolAndOrigin('daprd', { ...bare, cacheRoot, releaseHost: host.url });
    await expect(obtaining).rejects.toThrow(`says "1.2.3" where "${versions.daprd}" was expected`);
    expect(await readdir(toolFolder(cacheRoot, 'daprd'))).toEqual([]);
  });

  test('two at the same time end with one good file and nothing beside it', async () => {
    await using folder = await temporaryFolder();
    await using host = await publishDaprd(folder);
    const cacheRoot = join(folder.path, 'cache');
    const obtain = () => obtainToolAndOrigin('daprd', { ...bare, cacheRoot, releaseHost: host.url });
    const [one, other] = await Promise.all([obtain(), obtain()]);
    expect(one.path).toBe(other.path);
    expect(await readdir(toolFolder(cacheRoot, 'daprd'))).toEqual(['daprd']);
    expect((await obtain()).origin).toBe('cache');
  });

  test('what was obtained once is taken from the cache without asking the host again', async () => {
    await using folder = await temporaryFolder();
    await using host = await publishDaprd(folder);
    const options = { ...bare, cacheRoot: join(folder.path, 'cache'), releaseHost: host.url };
    const first = await obtainToolAndOrigin('daprd', options);
    const askedBefore = host.asked.length;
    expect(await obtainToolAndOrigin('daprd', options)).toEqual({ path: first.path, origin: 'cache' });
    expect(host.asked).toHaveLength(askedBefore);
  });

  test('an installed program of the pinned version is used, one of another version is passed over', async () => {
    await using folder = await temporaryFolder();
    await folder.write('old/nats-server', '#!/bin/sh\necho nats-server: v2.0.0\n', 0o755);
    const pinned = `#!/bin/sh\necho nats-server: v${versions['nats-server']}\n`;
    const wanted = await folder.write('new/nats-server', pinned, 0o755);
    const obtained = await obtainToolAndOrigin('nats-server', {
      ...bare,
      cacheRoot: join(folder.path, 'cache'),
      releaseHost: 'http://127.0.0.1:1',
      searchFolders: [join(folder.path, 'old'), join(folder.path, 'new')],
    });
    expect(obtained).toEqual({ path: wanted, origin: 'installed' });
  });
});
