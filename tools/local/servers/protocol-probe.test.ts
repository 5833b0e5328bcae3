import { describe, expect, test } from '@jest/globals';
import { startFakeServer } from '../../testing/fake-server.js';
import { findFreePorts } from '../runner/free-ports.js';
import { servers } from './servers.js';

// Positive answers are tested with each server; tests/e2e asks the real servers.
describe.each(servers)('$name', (server) => {
  test('does not count as ready when another program has its port', async () => {
    await using other = await startFakeServer(Buffer.from('220 mail.example ESMTP\r\n'));
    expect(await server.answers(other.port)).toMatch(
      new RegExp(`^no .+ answers on 127\\.0\\.0\\.1:${other.port}$`),
    );
  });

  test('does not count as ready when nothing listens on its port', async () => {
    const [closed = 0] = await findFreePorts(1);
    expect(await server.answers(closed)).toMatch(/^no .+ answers/);
  });
});
