import { describe, expect, jest, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fakeRepository } from './testing/fake-repository.js';
import { processExists } from '../../testing/process-exists.js';
import { isStopped } from '../../testing/process-state.js';
import { isListening } from './ports.js';
import { startSystem } from './system.js';

// The tests start real processes. Every wait in them has a shorter timeout and a clearer message.
jest.setTimeout(60_000);

describe('a system', () => {
  test('starts every app and sidecar on the ports of the run file and waits until all are ready', async () => {
    await using repository = await fakeRepository();
    await using system = await startSystem(repository.options);
    expect([...system.names()].sort()).toEqual([
      'purchase-service',
      'purchase-service-sidecar',
      'storefront',
      'storefront-sidecar',
    ]);
    const [appPort = 0, httpPort = 0] = repository.ports;
    expect(system.url('purchase-service')).toBe(`http://127.0.0.1:${appPort}`);
    expect(system.url('purchase-service-sidecar')).toBe(`http://127.0.0.1:${httpPort}`);
    expect(system.lines('purchase-service').join()).toContain(`purchase-service ${appPort} ${httpPort}`);
    const sidecar = system.lines('storefront-sidecar').join();
    expect(sidecar).toContain(`--resources-path ${join(repository.root, 'components/brokers/memory')}`);
    expect(existsSync(join(repository.root, '.data/secrets.json'))).toBe(true);
  });

  test('offers pauses to the storefront and its sidecar only, and only if asked to', async () => {
    await using repository = await fakeRepository();
    const folder = join(repository.root, '.data/local-runner');
    await using system = await startSystem({ ...repository.options, offersPauses: true });
    const linesOf = (name: string) => system.lines(name).join('\n');
    expect(linesOf('storefront-sidecar')).toContain(`--resources-path ${folder}`);
    expect(linesOf('storefront')).toContain('token of the local runner');
    expect(linesOf('purchase-service-sidecar')).not.toContain(folder);
    expect(linesOf('purchase-service')).not.toContain('token of the local runner');
    await system.stop();
    expect(existsSync(folder)).toBe(false);
    expect(repository.lines).not.toContain('storefront-sidecar | resources are missing');
    await using other = await startSystem(repository.options);
    expect(other.lines('storefront-sidecar').join()).not.toContain('local-runner');
    expect(other.lines('storefront').join('\n')).not.toContain('token of the local runner');
  });

  test('pauses a service that asked for it, and continues it when the system stops', async () => {
    await using repository = await fakeRepository();
    await using system = await startSystem({ ...repository.options, offersPauses: true });
    const endpoint = await readFile(join(repository.root, '.data/local-runner/http-endpoint.yaml'), 'utf8');
    const [url = ''] = /http:\S+/.exec(endpoint) ?? [];
    const [, token = ''] = /runner (\S+)/.exec(system.lines('storefront').join('\n')) ?? [];
    const pause = (part: string) =>
      fetch(`${url}/parts/${part}/pause?seconds=60`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
      });
    // The fake system has no broker and no store of its own.
    expect([(await pause('broker')).status, (await pause('purchase-service')).status]).toEqual([404, 200]);
    expect(await isStopped(system.process('purchase-service').pid ?? 0)).toBe(true);
    expect(repository.lines).toContain('The desk pauses purchase-service for 60 s.');
    await system.stop();
    expect(repository.lines).toContain('purchase-service continues after its pause.');
    // It ended by itself and was not killed.
    expect(repository.lines).toContain('purchase-service | app ends');
    await expect(pause('purchase-service')).rejects.toThrow();
  });

  test('refuses the data folder of a running system, before anything starts', async () => {
    await using repository = await fakeRepository();
    await using other = await fakeRepository();
    const dataDir = join(repository.root, '.data');
    await using system = await startSystem(repository.options);
    await expect(startSystem({ ...other.options, dataDir })).rejects.toThrow('is in use by process');
    expect(other.lines).toEqual([]);
    await system.stop();
    await using next = await startSystem({ ...other.options, dataDir });
    expect(next.names()).toHaveLength(4);
  });

  test('stops in the order that loses no event and leaves no process running', async () => {
    await using repository = await fakeRepository();
    await using system = await startSystem(repository.options);
    const pids = system.names().map((name) => system.process(name).pid ?? 0);
    await system.stop();
    expect(repository.lines.filter((line) => line.endsWith(' ends'))).toEqual([
      'storefront | app ends',
      'storefront-sidecar | sidecar ends',
      'purchase-service-sidecar | sidecar ends',
      'purchase-service | app ends',
    ]);
    expect(pids.filter(processExists)).toEqual([]);
  });

  test('reports an app that dies and stops the other processes', async () => {
    await using repository = await fakeRepository();
    await using system = await startSystem(repository.options);
    process.kill(system.process('storefront').pid ?? 0, 'SIGKILL');
    expect(await system.failed).toMatchObject({ name: 'storefront', exit: { signal: 'SIGKILL' } });
    await system.stop();
    expect(system.names().filter((name) => system.process(name).running)).toEqual([]);
  });

  test('keeps running when a test kills a process and starts it again', async () => {
    await using repository = await fakeRepository();
    await using system = await startSystem(repository.options);
    const app = system.process('purchase-service');
    app.kill('SIGKILL');
    await app.exited;
    await app.start();
    await system.waitUntilReady('purchase-service');
    expect(system.names().filter((name) => !system.process(name).running)).toEqual([]);
  });

  test('adds a replica with the same app id, its own ports and its own environment', async () => {
    await using repository = await fakeRepository();
    await using system = await startSystem({ ...repository.options, env: { apps: { EXTRA: 'all' } } });
    const replica = await system.addReplica({ appId: 'purchase-service', env: { EXTRA: 'second' } });
    expect(replica.name).toBe('purchase-service-2');
    const { app, daprHttp } = system.ports('purchase-service-2');
    expect(repository.ports).not.toContain(app);
    expect(replica.lines()).toContain(`environment purchase-service ${app} ${daprHttp} second`);
    expect(system.lines('purchase-service').join()).toContain(' all');
    expect(system.lines('purchase-service-2-sidecar').join()).toContain('--app-id purchase-service ');
  });

  test('does not start when a port is taken', async () => {
    await using repository = await fakeRepository();
    const [, , , , taken = 0] = repository.ports;
    const server = createServer().listen(taken, '127.0.0.1');
    await once(server, 'listening');
    await expect(startSystem(repository.options)).rejects.toThrow(`- ${taken}, needed by storefront`);
    server.close();
    expect(repository.lines).toEqual([]);
    expect(existsSync(join(repository.root, '.data'))).toBe(false);
  });

  test('reports an app that does not become ready and why, and stops the other processes', async () => {
    await using repository = await fakeRepository();
    const starting = startSystem({
      ...repository.options,
      apps: [{ appId: 'storefront', env: { HEALTH: '503' } }],
      readyTimeoutMs: 5_000,
    });
    await expect(starting).rejects.toThrow(
      /^storefront is not ready, after 5000 ms: .*\/health\/ready answers 503, not 200\n {2}environment/,
    );
    for (const port of repository.ports) expect(await isListening(port)).toBe(false);
  });

  test('leaves no process running when its start is cancelled', async () => {
    await using repository = await fakeRepository();
    const starting = startSystem({
      ...repository.options,
      env: { apps: { HEALTH: '503' } },
      signal: AbortSignal.timeout(1_000),
    });
    await expect(starting).rejects.toThrow('stopped before everything was ready');
    for (const port of repository.ports) expect(await isListening(port)).toBe(false);
  });
});
