import { describe, expect, test } from '@jest/globals';
import { readComposeFile } from '../../../testing/compose-file.js';
import { startFakeServer } from '../../../testing/fake-server.js';
import { redisDurability, redisServer } from './server.js';

describe('the Redis that runs on this machine', () => {
  test('counts as ready when it answers PING', async () => {
    await using server = await startFakeServer(Buffer.from('+PONG\r\n'));
    expect(await redisServer.answers(server.port)).toBe(true);
  });

  test('does not count as ready while it reads its data', async () => {
    await using server = await startFakeServer(Buffer.from('-LOADING Redis is loading\r\n'));
    expect(await redisServer.answers(server.port)).not.toBe(true);
  });

  test('is as durable as the one in compose.yaml', async () => {
    const { services } = await readComposeFile();
    expect(services['redis']?.command).toEqual(['redis-server', ...redisDurability]);
  });
});
