import { join } from 'node:path';
import {
  debianProgram,
  obtainKafka,
  obtainKubernetesProgram,
  obtainTool,
  postgresqlPackages,
  projectRoot,
  rabbitmqPackages,
} from '@unity-purchase/tools';
import type { ProgramImage } from './archived-image.js';

/** The plain servers that are made here. */
export const plainServerNames = ['jaeger', 'kafka', 'mongodb', 'postgresql', 'rabbitmq'] as const;

/** The image of each plain server, as the manifests name it. */
export type PlainImages = Readonly<Record<(typeof plainServerNames)[number], string>>;

/** What postinst scripts and daemons need. A container runs one program. */
export const unneeded = [
  'adduser',
  'debconf',
  'debianutils',
  'dpkg',
  'init-system-helpers',
  'logrotate',
  'mawk',
  'procps',
  'python3',
  'socat',
  'sysvinit-utils',
];

/** A shell, its commands, character sets and time zones, for the scripts that start servers. */
export const shell = ['base-files', 'coreutils', 'dash', 'libc-bin', 'tzdata'];

/** The image in the manifests of Argo CD's module. */
const argocdRedis = 'public.ecr.aws/docker/library/redis:8.2.2-alpine';

const script = (name: string): string =>
  join(projectRoot, 'tests', 'cluster', 'images', 'servers', `${name}.sh`);

/**
 * The images of the plain servers, made of the same programs. They have the paths, the user and the variables that
 * k8s/plain-servers relies on. `agent` answers Kafka's probe.
 */
export async function serverImages(plain: PlainImages, agent: string): Promise<ProgramImage[]> {
  const { classPath } = await obtainKafka();
  const { tree: documentdb } = await debianProgram(postgresqlPackages);
  return [
    {
      names: namesFor(plain.jaeger),
      entrypoint: ['/jaeger'],
      files: { '/jaeger': await obtainKubernetesProgram('jaeger') },
      // As in the official image. Without it, only the pod itself reaches it.
      environment: { JAEGER_LISTEN_HOST: '0.0.0.0' },
    },
    {
      names: namesFor(plain.kafka),
      entrypoint: ['/start'],
      files: {
        '/start': script('start-kafka'),
        '/opt/kafka/libs': join(classPath, '..'),
        '/opt/kafka/bin/kafka-broker-api-versions.sh': script('kafka-broker-api-versions'),
        '/agent': agent,
      },
      packages: {
        release: 'host',
        packages: ['openjdk-17-jre-headless', ...shell],
        treatedAsInstalled: [...unneeded, 'ca-certificates-java', 'java-common', 'openssl'],
      },
      links: { '/usr/bin/java': '/usr/lib/jvm/java-17-openjdk-amd64/bin/java' },
    },
    {
      names: namesFor(plain.mongodb),
      entrypoint: ['/start'],
      files: {
        '/start': script('start-mongodb'),
        '/usr/bin/ferretdb': await obtainTool('ferretdb'),
        '/opt/documentdb': documentdb,
      },
      users: [999],
      packages: { release: 'host', packages: shell, treatedAsInstalled: unneeded },
    },
    {
      names: namesFor(plain.postgresql),
      entrypoint: ['/start'],
      files: { '/start': script('start-postgresql'), '/opt/postgresql': documentdb },
      users: [70],
      packages: { release: 'host', packages: shell, treatedAsInstalled: unneeded },
    },
    {
      names: namesFor(plain.rabbitmq),
      entrypoint: [],
      files: { '/usr/bin/docker-entrypoint.sh': script('start-rabbitmq') },
      packages: {
        release: 'host',
        packages: [...rabbitmqPackages.packages, ...shell],
        treatedAsInstalled: unneeded,
      },
    },
    // Argo CD's cache.
    {
      names: [argocdRedis],
      entrypoint: ['/usr/bin/redis-server'],
      files: {},
      packages: { release: 'host', packages: ['redis-server', ...shell], treatedAsInstalled: unneeded },
    },
  ];
}

/**
 * The names of a stand-in. A pod that names a digest finds it under the digest only, and the archive needs a name with a tag.
 */
function namesFor(reference: string): ProgramImage['names'] {
  const [tagged = '', digest] = reference.split('@');
  const full = `docker.io/${tagged.includes('/') ? '' : 'library/'}${tagged}`;
  return digest === undefined ? [full] : [full, `${full.slice(0, full.lastIndexOf(':'))}@${digest}`];
}
