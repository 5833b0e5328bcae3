import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../project-root.js';
import { versions } from '../programs/versions.js';
import { kafkaServerProperties } from './brokers/kafka/server.js';
import { mosquittoConfig } from './brokers/mqtt/server.js';
import { natsServerConfig } from './brokers/jetstream/server.js';
import { redisDurability } from './brokers/redis/server.js';
import { servers } from './servers/servers.js';

const composeSchema = z.looseObject({
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string(),
      ports: z.array(z.string()),
      profiles: z.array(z.string()).default([]),
      volumes: z.array(z.string()),
      command: z.array(z.string()).default([]),
      environment: z.record(z.string(), z.string()).default({}),
    }),
  ),
  configs: z.record(z.string(), z.looseObject({ content: z.string() })),
  volumes: z.record(z.string(), z.null()),
});

const { services, configs, volumes } = composeSchema.parse(
  parse(await readFile(join(projectRoot, 'compose.yaml'), 'utf8')),
);

/** The part of a configuration that does not depend on whether it runs in a container: which interface, which user. */
const portable = (config: string) =>
  config
    .replace('127.0.0.1:', '0.0.0.0:')
    .replace(/^(listener \d+) .*$/m, '$1')
    .replace('user root\n', '');

describe('compose.yaml', () => {
  test('has a service for every server that can be run without containers, and no other', () => {
    expect(Object.keys(services).sort()).toEqual(Object.keys(servers).sort());
  });

  test('starts Kafka and MongoDB, and every other service only when it is asked for', () => {
    const always = Object.entries(services).filter(([, { profiles }]) => profiles.length === 0);
    expect(always.map(([name]) => name)).toEqual(['kafka', 'mongodb']);
  });

  test('runs the versions that run without containers', () => {
    expect(services['kafka']?.image).toBe(`apache/kafka:${versions.kafka}`);
    expect(services['nats']?.image).toBe(`nats:${versions['nats-server']}`);
  });

  test.each(Object.values(servers))('publishes $name on its usual port, to this machine alone', (server) => {
    const [port] = server.defaultPorts;
    expect(services[server.name]?.ports).toEqual([`127.0.0.1:${port}:${port}`]);
  });

  test.each(Object.entries(services))(
    'pins the image of %s and keeps its data in a volume',
    (name, service) => {
      expect(service.image).toMatch(/^[\w./-]+:(?!latest$)[\w.-]+$/);
      expect(service.volumes).toEqual([expect.stringMatching(`^${name}:/`)]);
      expect(volumes).toHaveProperty(name);
    },
  );

  test('configures NATS and Mosquitto as they are without containers', () => {
    expect(configs['nats']?.content).toBe(portable(natsServerConfig(4222, '/data')));
    expect(configs['mosquitto']?.content).toBe(portable(mosquittoConfig(1883, '/mosquitto/data')));
  });

  test('has Redis keep what it acknowledges as it does without containers', () => {
    expect(services['redis']?.command).toEqual(['redis-server', ...redisDurability]);
  });

  test('configures Kafka as it is without containers, but for where it listens and where its data is', () => {
    const asEnvironment = kafkaServerProperties(9092, 9093, '')
      .trim()
      .split('\n')
      .map((line): [string, string] => {
        const [key = '', ...value] = line.split('=');
        return [`KAFKA_${key.toUpperCase().replaceAll('.', '_')}`, value.join('=')];
      });
    const place = /^KAFKA_(LISTENERS|ADVERTISED_LISTENERS|CONTROLLER_QUORUM_VOTERS|LOG_DIRS)$/;
    const expected = asEnvironment.filter(([name]) => !place.test(name));
    expect(expected.length).toBeGreaterThan(10);
    expect(services['kafka']?.environment).toMatchObject(Object.fromEntries(expected));
  });
});
