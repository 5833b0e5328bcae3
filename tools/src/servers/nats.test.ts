import { describe, expect, test } from '@jest/globals';
import { natsServerConfig } from './nats.js';

describe('the NATS server', () => {
  test('listens on the loopback interface and syncs what it acknowledges', () => {
    const config = natsServerConfig(4222, '/data/with "quotes"');
    expect(config).toContain('listen: 127.0.0.1:4222\n');
    expect(config).toContain('sync_interval: always\n');
    expect(config).toContain('store_dir: "/data/with \\"quotes\\""\n');
  });
});
