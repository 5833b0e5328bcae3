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
  /** The requested paths, in order. */
  requests: readonly string[];
};

/**
 * Starts a host on 127.0.0.1 that publishes a daprd for this platform: a script that prints `version`. With `tampered`, the
 * published checksum is that of another archive.
 */
export async function publishDaprd(
  folder: TemporaryFolder,
  { version = versions.daprd, tampered = false }: { version?: string; tampered?: boolean } = {},
): Promise<ReleaseHost> {
  const { os, arch } = currentPlatform();
  const archive = `daprd_${os}_${arch}.tar.gz`;
  await folder.write('daprd', `#!/bin/sh\necho ${version}\n`);
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

/** Starts a host that serves these files by path, and answers 404 for all other paths. */
export async function serve(files: Readonly<Record<string, Buffer>>): Promise<ReleaseHost> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const file = files[path];
    response.statusCode = file === undefined ? 404 : 200;
    response.end(file);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
