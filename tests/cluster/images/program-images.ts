import { join } from 'node:path';
import {
  obtainKubernetesProgram,
  obtainLocalGoProgram,
  obtainTool,
  projectRoot,
  versions,
} from '@unity-purchase/tools';
import type { ProgramImage } from './archived-image.js';

/** The image that holds the namespaces of each pod. */
export const pauseImage = 'localhost/pause:test';

/** The image of `agent`, our program that listens and connects on request. */
export const agentImage = 'localhost/agent:test';

export const dnsImage = `localhost/coredns:${versions.coredns}`;

/**
 * The images that a cluster would pull, made of the same programs. `references` are the images that the manifests name, by the name of
 * their repository.
 */
export async function programImages(references: {
  nats: string;
  redis: string;
  dapr: string;
}): Promise<ProgramImage[]> {
  const agent = await obtainLocalGoProgram({
    folder: join(projectRoot, 'tests', 'cluster', 'agent'),
    takes: 'a few seconds',
  });
  const single = (names: ProgramImage['names'], path: string, program: string): ProgramImage => ({
    names,
    entrypoint: [path],
    programs: { [path]: program },
  });
  const dapr = async (name: string, program: Promise<string>): Promise<ProgramImage> =>
    single([`ghcr.io/dapr/${name}:${references.dapr}`], `/${name}`, await program);
  return [
    { names: [pauseImage], entrypoint: ['/agent', 'pause'], programs: { '/agent': agent } },
    single([agentImage], '/agent', agent),
    single([dnsImage], '/coredns', await obtainKubernetesProgram('coredns')),
    await dapr('operator', obtainKubernetesProgram('dapr-operator')),
    await dapr('sentry', obtainKubernetesProgram('dapr-sentry')),
    await dapr('injector', obtainKubernetesProgram('dapr-injector')),
    await dapr('daprd', obtainTool('daprd')),
    single(namesFor(references.nats), '/nats-server', await obtainTool('nats-server')),
    {
      names: namesFor(references.redis),
      entrypoint: [],
      programs: {},
      packages: {
        release: 'host',
        packages: ['redis-server', 'dash', 'base-files'],
        treatedAsInstalled: [
          'adduser',
          'debconf',
          'debianutils',
          'dpkg',
          'init-system-helpers',
          'mawk',
          'sysvinit-utils',
        ],
      },
    },
  ];
}

/**
 * The names of a stand-in. A pod that names a digest finds it under the digest only, and the archive needs a name with a tag.
 */
function namesFor(reference: string): ProgramImage['names'] {
  const [tagged = '', digest] = reference.split('@');
  const full = `docker.io/library/${tagged}`;
  return digest === undefined ? [full] : [full, `${full.slice(0, full.lastIndexOf(':'))}@${digest}`];
}
