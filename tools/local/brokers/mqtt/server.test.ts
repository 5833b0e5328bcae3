import { describe, expect, test } from '@jest/globals';
import { readComposeFile } from '../../../testing/compose-file.js';
import { startFakeServer } from '../../../testing/fake-server.js';
import { addressOf } from '../../servers/component-address.js';
import { mqtt } from './definition.js';
import { mosquittoConfig } from './server.js';

describe('the Mosquitto that runs on this machine', () => {
  test('listens on the loopback interface only', () => {
    const config = mosquittoConfig(11_883, '/data');
    expect(config).toMatch(/^listener 11883 127\.0\.0\.1\n/);
    expect(config).not.toContain('0.0.0.0');
  });

  test('saves every change and discards no queued message', () => {
    const config = mosquittoConfig(1, '/data');
    expect(config).toContain('autosave_on_changes true\n');
    expect(config).toContain('max_queued_messages 0\n');
    // Without the slash, Mosquitto reads the path as the prefix of a file name.
    expect(config).toContain('persistence_location /data/\n');
  });

  test('counts as ready when it accepts a connection', async () => {
    await using server = await startFakeServer(Buffer.from([0x20, 2, 0, 0]));
    expect(await mqtt.server.answers(server.port)).toBe(true);
  });

  test('has the settings of the one in compose.yaml, except for its interface and its user', async () => {
    const { configs } = await readComposeFile();
    const portable = mosquittoConfig(1883, '/mosquitto/data')
      .replace(/^(listener \d+) .*$/m, '$1')
      .replace('user root\n', '');
    expect(configs['mosquitto']?.content).toBe(portable);
  });
});

test('the address of an MQTT broker without a port has the default port', () => {
  const metadata = new Map([['url', 'mqtt://localhost']]);
  expect(addressOf({ name: 'pubsub', type: mqtt.type, metadata })?.hosts).toEqual([
    { host: 'localhost', port: 1883 },
  ]);
});
