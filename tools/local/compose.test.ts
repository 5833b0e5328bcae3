import { describe, expect, test } from '@jest/globals';
import { readComposeFile } from '../testing/compose-file.js';
import { brokerNamed } from './brokers.js';
import { mainPair } from './pairs.js';
import { servers } from './servers/servers.js';
import { storeNamed } from './stores.js';

const { services, volumes } = await readComposeFile();
const isObserver = ({ profiles }: { profiles: readonly string[] }) => profiles.includes('observe');
const serverServices = Object.entries(services).filter(([, service]) => !isObserver(service));

describe('compose.yaml', () => {
  test('has one service for every server that runs without containers', () => {
    expect(serverServices.map(([name]) => name).sort()).toEqual(servers.map(({ name }) => name).sort());
  });

  test('starts the servers of the main pair by default and every other service only by its profile', () => {
    const byDefault = Object.entries(services).filter(([, { profiles }]) => profiles.length === 0);
    expect(byDefault.map(([name]) => name)).toEqual([
      brokerNamed(mainPair.broker).server.name,
      storeNamed(mainPair.store).server?.name,
    ]);
  });

  test.each(servers)('publishes $name on its default port of this machine only', (server) => {
    const [port] = server.defaultPorts;
    expect(services[server.name]?.ports).toEqual([`127.0.0.1:${port}:${port}`]);
  });

  test.each(Object.entries(services))('pins the image of %s', (_name, { image }) => {
    expect(image).toMatch(/^[\w./-]+:(?!latest$)[\w.-]+$/);
  });

  test.each(serverServices)('stores the data of %s in a volume', (name, service) => {
    expect(service.volumes).toEqual([expect.stringMatching(`^${name}:/`)]);
    expect(volumes).toHaveProperty(name);
  });
});
