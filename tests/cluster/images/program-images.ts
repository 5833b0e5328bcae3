import { join } from 'node:path';
import {
  obtainKubernetesProgram,
  obtainLocalGoProgram,
  obtainTool,
  projectRoot,
  versions,
} from '@unity-purchase/tools';
import type { ProgramImage } from './archived-image.js';
import { serverImages, shell, unneeded, type PlainImages } from './server-images.js';

/** The image that holds the namespaces of each pod. */
export const pauseImage = 'localhost/pause:test';

/** The image of `agent`, our program that listens and connects on request. */
export const agentImage = 'localhost/agent:test';

export const dnsImage = `localhost/coredns:${versions.coredns}`;

/** Prometheus, started without its operator. */
export const prometheusImage = `localhost/prometheus:${versions.prometheus}`;

/** The image in the manifests of metrics-server's module. */
export const metricsServerImage = 'gcr.io/k8s-staging-metrics-server/metrics-server:master';

/** The tag of KEDA's images in the manifests of its module. */
const kedaTag = 'main';

/** All servers of Argo CD are one program, which acts by its name. It runs git, kustomize and Helm. */
async function argocdImage(): Promise<ProgramImage> {
  const bin = '/usr/local/bin';
  return {
    names: [`quay.io/argoproj/argocd:v${versions.argocd}`],
    entrypoint: [],
    files: {
      [`${bin}/argocd`]: await obtainKubernetesProgram('argocd'),
      '/usr/bin/kustomize': await obtainKubernetesProgram('kustomize'),
      '/usr/bin/helm': await obtainKubernetesProgram('helm'),
    },
    packages: { release: 'host', packages: ['git', ...shell], treatedAsInstalled: [...unneeded, 'perl'] },
    users: [999],
    links: {
      '/usr/bin/argocd': `${bin}/argocd`,
      ...Object.fromEntries(
        ['repo-server', 'application-controller', 'applicationset-controller'].map((server) => [
          `${bin}/argocd-${server}`,
          `${bin}/argocd`,
        ]),
      ),
    },
  };
}

/**
 * The images that a cluster would pull, made of the same programs. `plain` has those of the plain servers, as the manifests name them.
 */
export async function programImages(plain: PlainImages, daprTag: string): Promise<ProgramImage[]> {
  const agent = await obtainLocalGoProgram({
    folder: join(projectRoot, 'tests', 'cluster', 'agent'),
    takes: 'a few seconds',
  });
  const single = (names: ProgramImage['names'], path: string, program: string): ProgramImage => ({
    names,
    entrypoint: [path],
    files: { [path]: program },
  });
  const dapr = async (name: string, program: Promise<string>): Promise<ProgramImage> =>
    single([`ghcr.io/dapr/${name}:${daprTag}`], `/${name}`, await program);
  const keda = async (name: string, path: string, program: Promise<string>): Promise<ProgramImage> =>
    single([`ghcr.io/kedacore/${name}:${kedaTag}`], path, await program);
  return [
    { names: [pauseImage], entrypoint: ['/agent', 'pause'], files: { '/agent': agent } },
    single([agentImage], '/agent', agent),
    single([dnsImage], '/coredns', await obtainKubernetesProgram('coredns')),
    await dapr('operator', obtainKubernetesProgram('dapr-operator')),
    await dapr('sentry', obtainKubernetesProgram('dapr-sentry')),
    await dapr('injector', obtainKubernetesProgram('dapr-injector')),
    await dapr('daprd', obtainTool('daprd')),
    await keda('keda', '/keda', obtainKubernetesProgram('keda-operator')),
    await keda('keda-metrics-apiserver', '/keda-adapter', obtainKubernetesProgram('keda-adapter')),
    await keda(
      'keda-admission-webhooks',
      '/keda-admission-webhooks',
      obtainKubernetesProgram('keda-webhooks'),
    ),
    single([prometheusImage], '/prometheus', await obtainKubernetesProgram('prometheus')),
    single([metricsServerImage], '/metrics-server', await obtainKubernetesProgram('metrics-server')),
    await argocdImage(),
    ...(await serverImages(plain, agent)),
  ];
}
