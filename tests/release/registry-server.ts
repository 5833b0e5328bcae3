import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../../tools/local/runner/free-ports.js';
import { superviseProcess } from '../../tools/local/runner/supervised-process.js';
import { obtainRegistry } from '../../tools/programs/registry.js';
import { waitUntil } from '../../tools/local/wait-until.js';

export type RegistryServer = AsyncDisposable & {
  /** Its address and port. */
  host: string;
  /** Kills it without warning. Everything it acknowledged is on disk. */
  kill: () => Promise<void>;
  start: () => Promise<void>;
};

/** Starts the reference implementation of a registry at an address of this machine, with empty storage. */
export async function startRegistry(address = '127.0.0.1'): Promise<RegistryServer> {
  const command = await obtainRegistry();
  const folder = await mkdtemp(join(tmpdir(), 'registry-'));
  const [port = 0] = await findFreePorts(1);
  const host = `${address}:${port}`;
  const config = join(folder, 'config.json');
  await writeFile(
    config,
    JSON.stringify({
      version: '0.1',
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(folder, 'storage') } },
      http: { addr: host },
    }),
  );
  const server = superviseProcess(
    {
      name: 'registry',
      command,
      args: ['serve', config],
      cwd: folder,
      env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' },
      stopTimeoutMs: 10_000,
    },
    { onLine: () => undefined, onFailure: () => undefined },
  );
  const start = async (): Promise<void> => {
    await server.start();
    await waitUntil(
      async () =>
        fetch(`http://${host}/v2/`).then(
          ({ ok, status }) => ok || `the registry answers ${status}`,
          () => `the registry does not answer: ${server.lines().slice(-5).join('\n')}`,
        ),
      30_000,
    );
  };
  await start();
  return {
    host,
    start,
    kill: async () => {
      server.kill('SIGKILL');
      await server.exited;
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
