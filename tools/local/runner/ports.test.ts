import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { findFreePorts } from './free-ports.js';
import { isListening, requireFreePorts } from './ports.js';

async function listenOn(port: number): Promise<AsyncDisposable> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

describe('requiring free ports', () => {
  test('rejects with one message that lists every taken port and the process that needs it', async () => {
    const [first = 0, second = 0, free = 0] = await findFreePorts(3);
    await using _first = await listenOn(first);
    await using _second = await listenOn(second);
    const needs = [
      { port: first, neededBy: 'storefront' },
      { port: free, neededBy: 'broker' },
      { port: second, neededBy: 'storefront-sidecar (metrics)' },
    ];
    const message = await requireFreePorts(needs).then(String, String);
    expect(message).toContain(`- ${first}, needed by storefront\n`);
    expect(message).toContain(`- ${second}, needed by storefront-sidecar (metrics)`);
    expect(message).not.toContain(String(free));
  });

  test('accepts free ports and leaves them free', async () => {
    const needs = (await findFreePorts(3)).map((port) => ({ port, neededBy: 'x' }));
    await requireFreePorts(needs);
    await expect(requireFreePorts(needs)).resolves.toBeUndefined();
  });

  test('rejects a port that two processes need, naming both', async () => {
    const [port = 0] = await findFreePorts(1);
    const needs = ['storefront', 'broker'].map((neededBy) => ({ port, neededBy }));
    await expect(requireFreePorts(needs)).rejects.toThrow(`${port} is needed twice: storefront and broker`);
  });
});

describe('finding free ports', () => {
  test('returns the requested number of different ports on which nothing listens', async () => {
    const ports = await findFreePorts(10);
    expect(new Set(ports).size).toBe(10);
    for (const port of ports) expect(await isListening(port)).toBe(false);
  });

  test('never returns a port twice, because its server may not have started yet', async () => {
    const found = (await Promise.all(Array.from({ length: 60 }, () => findFreePorts(20)))).flat();
    expect(new Set(found).size).toBe(found.length);
  });
});
