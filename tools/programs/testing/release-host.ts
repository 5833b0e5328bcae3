import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { currentPlatform } from '../platform.js';
import { versions } from '../versions.js';
import type { TemporaryFolder } from '../../testing/temporary-folder.js';

export type ReleaseHost = AsyncDisposable & {
  url: string;
  /** The paths that were asked for, in order. */
  asked: readonly string[];
};

/**
 * A host on 127.0.0.1 that publishes a daprd for this platform: a script that answers `--version` with `stated`. With
 * `tampered` the archive is not the one whose checksum is published.
 */
export async function publishDaprd(
  folder: TemporaryFolder,
  { stated = versions.daprd, tampered = false }: { stated?: string; tampered?: boolean } = {},
): Promise<ReleaseHost> {
  const { os, arch } = currentPlatform();
  const archive = `daprd_${os}_${arch}.tar.gz`;
  await folder.write('daprd', `#!/bin/sh\necho ${stated}\n`);
  execFileSync('tar', ['-czf', archive, 'daprd'], { cwd: folder.path });
  const content = readFileSync(`${folder.path}/${archive}`);
  const checksum = createHash('sha256')
    .update(tampered ? 'something else' : content)
    .digest('hex');
  const release = `/dapr/dapr/releases/download/v${versions.daprd}`;
  return serve({
    [`${release}/${archive}`]: content,
    [`${release}/${archive}.sha256`]: Buffer.from(`${checksum} *${archive}\n`),
  });
}

/** A host that answers these paths, and all others with 404. */
export async function serve(files: Readonly<Record<string, Buffer>>): Promise<ReleaseHost> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const file = files[path];
    response.statusCode = file === undefined ? 404 : 200;
    response.end(file);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
