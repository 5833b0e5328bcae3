import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../testing/temporary-folder.js';
import { projectRoot as root } from '../../project-root.js';
import { readRunFile } from '../run-file/read-run-file.js';
import { defaultDataDir, prepareResources } from './local-resources.js';

const runFile = await readRunFile(join(root, 'dapr.yaml'));
const choice = { root, broker: 'jetstream', store: 'sqlite', serverPorts: {}, metadata: {} };
const [app] = runFile.apps;
if (app === undefined) throw new Error('the run file has no apps');

describe('preparing the resources of this repository', () => {
  test('in the default data folder with default ports the files are used as they are', async () => {
    const resources = await prepareResources(runFile, { ...choice, dataDir: defaultDataDir(root) });
    expect(resources.of(app)).toEqual({
      resourcesPaths: ['common', 'brokers/jetstream', 'stores/sqlite'].map((name) =>
        join(root, 'components', name),
      ),
      configFile: join(root, 'components/config.yaml'),
    });
  });

  test('in another data folder every file that is written moves there, and the other values stay', async () => {
    await using folder = await temporaryFolder();
    const resources = await prepareResources(runFile, { ...choice, dataDir: folder.path });
    const metadata = new Map(resources.components.map((one) => [one.name, one.metadata]));
    expect(metadata.get('statestore')?.get('connectionString')).toBe(join(folder.path, 'statestore.db'));
    expect(metadata.get('statestore')?.get('cleanupInterval')).toBe('0');
    expect(metadata.get('secrets')?.get('secretsFile')).toBe(join(folder.path, 'secrets.json'));
    const { resourcesPaths, configFile } = resources.of(app);
    for (const path of resourcesPaths) expect(path.startsWith(join(folder.path, 'resources'))).toBe(true);
    const config = await readFile(configFile ?? '', 'utf8');
    expect(config).toContain(`connectionString: ${join(folder.path, 'name-resolution.db')}`);
    expect(config).toContain('samplingRate:');
    expect(existsSync(join(resourcesPaths[0] ?? '', 'resiliency.yaml'))).toBe(true);
  });

  test('another port of the broker is in every component that connects to it', async () => {
    await using folder = await temporaryFolder();
    const resources = await prepareResources(runFile, {
      ...choice,
      dataDir: folder.path,
      serverPorts: { nats: [14_222] },
    });
    const urls = resources.components
      .filter(({ type }) => type === 'pubsub.jetstream')
      .map((one) => one.metadata.get('natsURL'));
    expect(urls).toEqual(['nats://127.0.0.1:14222', 'nats://127.0.0.1:14222']);
  });

  test('metadata that a caller sets replaces what is there and is added where nothing is', async () => {
    await using folder = await temporaryFolder();
    const resources = await prepareResources(runFile, {
      ...choice,
      dataDir: folder.path,
      metadata: { pubsub: { ackWait: '1s', heartbeat: '2s' } },
    });
    const [pubsub] = resources.components.filter(({ name }) => name === 'pubsub');
    expect(pubsub?.metadata.get('ackWait')).toBe('1s');
    expect(pubsub?.metadata.get('heartbeat')).toBe('2s');
    const [other] = resources.components.filter(({ name }) => name === 'dead-letters');
    expect(other?.metadata.get('ackWait')).toBe('15s');
  });

  test.each([
    ['kafka', 'kafka', 'brokers', '127.0.0.1:19092'],
    ['rabbitmq', 'rabbitmq', 'connectionString', 'amqp://guest:guest@127.0.0.1:19092'],
    ['redis', 'redis', 'redisHost', '127.0.0.1:19092'],
    ['mqtt', 'mosquitto', 'url', 'mqtt://127.0.0.1:19092'],
  ])('%s is told the port that %s has', async (broker, server, key, value) => {
    await using folder = await temporaryFolder();
    const serverPorts = { [server]: [19_092] };
    const resources = await prepareResources(runFile, {
      ...choice,
      broker,
      dataDir: folder.path,
      serverPorts,
    });
    const addresses = ['pubsub', 'dead-letters'].map((name) =>
      resources.components.find((component) => component.name === name)?.metadata.get(key),
    );
    expect(addresses).toEqual([value, value]);
  });
});
