import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../../../programs/exists.js';
import { obtainKafka } from './obtain-kafka.js';
import { runProgram } from '../../../programs/run-program.js';
import { versions } from '../../../programs/versions.js';
import { speaks } from '../../servers/protocol-probe.js';
import type { ServerDefinition } from '../../servers/server-definition.js';
import { kafkaProbe } from './probe.js';

/** A controlled shutdown hands over the partitions and flushes them to disk. */
const stopTimeoutMs = 30_000;

/** Enough for a broker on a developer's machine. Kafka's default is 1 GB. */
const heap = ['-Xms128m', '-Xmx512m'];

/** On two cores, the simple compiler and garbage collector halve the start time. */
const quickStart = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

/**
 * Configures one node as broker and controller on the loopback interface. Kafka must not create topics on first use, because
 * those would have a single partition; they are provisioned.
 */
export function kafkaServerProperties(port: number, controllerPort: number, folder: string): string {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    `log.dirs=${join(folder, 'data')}`,
    'auto.create.topics.enable=false',
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    // After a kill, the controller rejects the broker until its old session has expired. The default is 9 s.
    'broker.session.timeout.ms=2000',
    'broker.heartbeat.interval.ms=400',
    '',
  ].join('\n');
}

const logging = [
  'status=warn',
  'appender.out.type=Console',
  'appender.out.name=out',
  'appender.out.layout.type=PatternLayout',
  'appender.out.layout.pattern=%p %c{1} %m%n',
  'rootLogger.level=warn',
  'rootLogger.appenderRef.out.ref=out',
  '',
].join('\n');

const title = `Apache Kafka ${versions.kafka}`;

/** Apache Kafka in KRaft mode. */
export const kafkaServer: ServerDefinition = {
  name: 'kafka',
  title,
  defaultPorts: [9092, 9093],
  obtain: async () => {
    await obtainKafka();
    return title;
  },
  answers: (port) => speaks(port, kafkaProbe),
  processes: async ({ folder, ports: [port = 0, controllerPort = 0] }) => {
    const { java, classPath, storageTool } = await obtainKafka();
    await mkdir(folder, { recursive: true });
    const properties = join(folder, 'server.properties');
    await writeFile(properties, kafkaServerProperties(port, controllerPort, folder));
    const log4j = join(folder, 'log4j2.properties');
    await writeFile(log4j, logging);
    const flags = [`-Dlog4j2.configurationFile=${log4j}`, `-Djava.io.tmpdir=${folder}`, '-cp', classPath];
    if (!(await exists(join(folder, 'data', 'meta.properties'))))
      await runProgram(java, [
        ...quickStart,
        ...flags,
        storageTool,
        'format',
        '--cluster-id',
        clusterId(),
        '--config',
        properties,
      ]);
    return [
      {
        spec: {
          name: 'kafka',
          command: java,
          args: [...heap, ...quickStart, '-Djava.awt.headless=true', ...flags, 'kafka.Kafka', properties],
          cwd: folder,
          env: process.env,
          stopTimeoutMs,
        },
        isReady: () => speaks(port, kafkaProbe),
      },
    ];
  },
};

/** Returns a random cluster id: 16 bytes in base64url. The tool would read a leading dash as an option. */
function clusterId(): string {
  return randomBytes(16).toString('base64url').replaceAll('-', 'a');
}
