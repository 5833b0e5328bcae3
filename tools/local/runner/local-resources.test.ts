import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../testing/temporary-folder.js';
import { projectRoot as root } from '../../project-root.js';
import { readRunFile } from '../run-file/read-run-file.js';
import { brokers } from '../brokers.js';
import { embeddedPair } from '../pairs.js';
import { addressOf } from '../servers/component-address.js';
import { defaultDataDir, prepareResources } from './local-resources.js';

const runFile = await readRunFile(join(root, 'dapr.yaml'));
const choice = { root, ...embeddedPair, serverPorts: {}, metadata: {} };
const [app] = runFile.apps;
if (app === undefined) throw new Error('the run file has no apps');

describe('preparing the resources of this repository', () => {
  test('uses the files as they are in the default data folder with the default ports', async () => {
    const resources = await prepareResources(runFile, { ...choice, dataDir: defaultDataDir(root) });
    expect(resources.of(app)).toEqual({
      resourcesPaths: ['common', `brokers/${choice.broker}`, `stores/${choice.store}`].map((name) =>
        join(root, 'components', name),
      ),
      configFile: join(root, 'components/config.yaml'),
    });
  });

  test('moves every written file to another data folder and keeps the other values', async () => {
    await using folder = await temporaryFolder();
    const resources = await prepareResources(runFile, { ...choice, dataDir: folder.path });
    const metadata = new Map(resources.components.map((one) => [one.name, one.metadata]));
    expect(metadata.get('statestore')?.get('connectionString')).toBe(join(folder.path, 'statestore.db'));
    expect(metadata.get('statestore')?.get('cleanupInterval')).toBe('0');
    expect(metadata.get('secrets')?.get('secretsFile')).toBe(join(folder.path, 'secrets.json'));
    const { resourcesPaths, configFile } = resources.of(app);
    for (const path of resourcesPaths) expect(path.startsWith(join(folder.path, 'resources'))).toBe(true);
    const config = await readFile(configFile ?? '', 'utf8');
    expect(config).toContain(`connectionString: ${join(folder.path, 'name-resolution.db')}?`);
    expect(config).toContain('samplingRate:');
    expect(existsSync(join(resourcesPaths[0] ?? '', 'resiliency.yaml'))).toBe(true);
  });

  test('replaces metadata that the caller sets and adds what is missing', async () => {
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

  test.each(Object.entries(brokers))(
    'moves both components of %s to the port of its server',
    async (broker, { server, type }) => {
      await using folder = await temporaryFolder();
      const resources = await prepareResources(runFile, {
        ...choice,
        broker,
        dataDir: folder.path,
        serverPorts: { [server.name]: [19_092] },
      });
      const addresses = resources.components.filter((component) => component.type === type).map(addressOf);
      const moved = [{ host: '127.0.0.1', port: 19_092 }];
      expect(addresses.map((address) => address?.hosts)).toEqual([moved, moved]);
    },
  );
});
