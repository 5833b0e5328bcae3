import { describe, expect, test } from '@jest/globals';
import { versions } from '../../../programs/versions.js';
import { readComposeFile } from '../../../testing/compose-file.js';
import { startFakeServer } from '../../../testing/fake-server.js';
import { nats, natsServerConfig } from './server.js';

describe('the NATS that runs on this machine', () => {
  test('listens on the loopback interface only', () => {
    const config = natsServerConfig(14_222, '/data');
    expect(config).toMatch(/^listen: 127\.0\.0\.1:14222\n/);
    expect(config).not.toContain('0.0.0.0');
  });

  test('syncs an event before it acknowledges it, in a folder of any name', () => {
    const config = natsServerConfig(1, '/data/with "quotes"');
    expect(config).toContain('sync_interval: always\n');
    expect(config).toContain('store_dir: "/data/with \\"quotes\\""\n');
  });

  test('counts as ready when it greets a client', async () => {
    await using server = await startFakeServer(Buffer.from('INFO {"server_id":"x"}\r\n'));
    expect(await nats.answers(server.port)).toBe(true);
  });

  test('has the version and the settings of the one in compose.yaml, except for its interface', async () => {
    const { services, configs } = await readComposeFile();
    expect(services['nats']?.image).toBe(`nats:${versions['nats-server']}`);
    expect(configs['nats']?.content).toBe(natsServerConfig(4222, '/data').replace('127.0.0.1:', '0.0.0.0:'));
  });
});
