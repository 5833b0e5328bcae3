import { describe, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePorts } from '../local/runner/free-ports.js';
import { publishDaprd, serve } from './testing/release-host.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { installedPath, toolFolder } from './cache.js';
import { builtDaprdVersion } from './daprd-recipe.js';
import { obtainToolAndOrigin } from './obtain.js';
import { silentProgress, type Progress } from './progress.js';
import { versions } from './versions.js';

// These tests run real processes, which are slow on a busy machine. Each wait has a shorter limit of its own.
jest.setTimeout(60_000);

/** No tool and no Go is installed, unless a test adds one. */
const bare = { searchFolders: [], go: '/nowhere/go', progress: silentProgress };

describe('obtainToolAndOrigin', () => {
  test('installs an official release with the right checksum as an executable file', async () => {
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

  test('warns about a release with another checksum, does not install it, and tries a build', async () => {
    await using folder = await temporaryFolder();
    await using host = await publishDaprd(folder, { tampered: true });
    const lines: string[] = [];
    const progress: Progress = { ...silentProgress, say: (line) => lines.push(line) };
    const cacheRoot = join(folder.path, 'cache');
    const obtaining = obtainToolAndOrigin('daprd', { ...bare, cacheRoot, releaseHost: host.url, progress });
    await expect(obtaining).rejects.toThrow(/publisher states .*\. It was not used[^]*Go is not installed/);
    expect(lines.join('\n')).toMatch(/WARNING: .*SHA-256/);
    expect(await readdir(toolFolder(cacheRoot, 'daprd'))).toEqual([]);
  });

  test('rejects with every reason if the host lacks the release or refuses connections', async () => {
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

  test('does not install a program with another version than the pinned one', async () => {
    await using folder = await temporaryFolder();
    await using host = await publishDaprd(folder, { version: '1.2.3' });
    const cacheRoot = join(folder.path, 'cache');
    const obtaining = obtainToolAndOrigin('daprd', { ...bare, cacheRoot, releaseHost: host.url });
    await expect(obtaining).rejects.toThrow(
      `prints the version "1.2.3", but "${versions.daprd}" or "${builtDaprdVersion}" was expected`,
    );
    expect(await readdir(toolFolder(cacheRoot, 'daprd'))).toEqual([]);
  });

  test('leaves one complete file when two calls install the same tool at once', async () => {
    await using folder = await temporaryFolder();
    await using host = await publishDaprd(folder);
    const cacheRoot = join(folder.path, 'cache');
    const obtain = () => obtainToolAndOrigin('daprd', { ...bare, cacheRoot, releaseHost: host.url });
    const [one, other] = await Promise.all([obtain(), obtain()]);
    expect(one.path).toBe(other.path);
    expect(await readdir(toolFolder(cacheRoot, 'daprd'))).toEqual(['daprd']);
    expect((await obtain()).origin).toBe('cache');
  });

  test('uses the cache instead of contacting the host again', async () => {
    await using folder = await temporaryFolder();
    await using host = await publishDaprd(folder);
    const options = { ...bare, cacheRoot: join(folder.path, 'cache'), releaseHost: host.url };
    const first = await obtainToolAndOrigin('daprd', options);
    const requestsBefore = host.requests.length;
    expect(await obtainToolAndOrigin('daprd', options)).toEqual({ path: first.path, origin: 'cache' });
    expect(host.requests).toHaveLength(requestsBefore);
  });

  test('uses an installed program of the pinned version and skips one of another version', async () => {
    await using folder = await temporaryFolder();
    await folder.write('old/nats-server', '#!/bin/sh\necho nats-server: v2.0.0\n', 0o755);
    const pinned = `#!/bin/sh\necho nats-server: v${versions['nats-server']}\n`;
    const expected = await folder.write('new/nats-server', pinned, 0o755);
    const obtained = await obtainToolAndOrigin('nats-server', {
      ...bare,
      cacheRoot: join(folder.path, 'cache'),
      releaseHost: 'http://127.0.0.1:1',
      searchFolders: [join(folder.path, 'old'), join(folder.path, 'new')],
    });
    expect(obtained).toEqual({ path: expected, origin: 'installed' });
  });
});
