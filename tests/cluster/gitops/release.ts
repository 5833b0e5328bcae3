import { waitUntil } from '@unity-purchase/tools';
import { rollOut, type RolloutTarget } from '../../../tools/release/rollout.js';
import { podsOf, services } from '../checks/sidecars.js';
import type { Releases } from '../images/cluster-images.js';
import { requireKeptAnswers, resultText, startLoad } from '../load.js';
import type { RealCluster } from '../nodes/real-cluster.js';
import { close, open, productKubectl, type Kubectl } from '../scenarios/pausing.js';
import { argocd } from '../infrastructure/argocd.js';
import { applyApplications, shopApplication } from './follow.js';
import type { ProjectRepository } from './repository.js';

const buyPerSecond = 5;

const followedWithinMs = 300_000;

/** What a release is rolled out to, and from where. */
export type ReleaseTarget = {
  release: Releases['next'];
  kind: RolloutTarget['kind'];
  address: string;
  root: string;
  path: string;
};

/**
 * Rolls out the next version with the commit that `npm run release -- bump` makes, or goes back as `rollback` does, while shoppers buy.
 * Resolves once Argo CD has deployed it, no answer was worse than a 503 with Retry-After, and each purchase was recorded once.
 */
export async function rollOutUnderLoad(
  cluster: RealCluster,
  repository: ProjectRepository,
  target: ReleaseTarget,
): Promise<string> {
  await using load = await startLoad(target.address, { root: target.root, perSecond: buyPerSecond });
  await deploy(cluster, repository, target);
  const result = await load.end();
  requireKeptAnswers(result);
  return `${target.release.version} runs; ${resultText(result)}`;
}

/**
 * As `rollOutUnderLoad`, but the events of the version before wait in the broker meanwhile, and the purchase-service of the version after
 * reads them.
 */
export async function readsEventsOfTheOther(
  cluster: RealCluster,
  repository: ProjectRepository,
  target: ReleaseTarget,
): Promise<string> {
  const kubectl = productKubectl(cluster);
  await using load = await startLoad(target.address, { root: target.root, perSecond: buyPerSecond });
  await close(kubectl, 'purchase-service');
  await load.untilBought();
  await load.stop();
  const waiting = load.buyers.acceptedCount;
  await pushRelease(repository, target);
  // A paused ScaledObject is not healthy, so Argo CD ends its sync after the service was opened again.
  await askToRefresh(cluster);
  await untilTemplateHas(kubectl, target.release);
  await open(kubectl);
  await applyApplications(cluster, repository, target.path);
  await load.end();
  return `${target.release.version} recorded ${String(waiting)} purchases, whose events the other version wrote`;
}

/** Makes Argo CD look at the repository now, which it does every three minutes otherwise. */
async function askToRefresh({ controlPlane }: RealCluster): Promise<void> {
  await controlPlane.kubectl([
    ...['--namespace', argocd.namespace, 'annotate', 'applications.argoproj.io', shopApplication],
    ...['argocd.argoproj.io/refresh=normal', '--overwrite'],
  ]);
}

async function deploy(
  cluster: RealCluster,
  repository: ProjectRepository,
  target: ReleaseTarget,
): Promise<void> {
  await pushRelease(repository, target);
  await applyApplications(cluster, repository, target.path);
  await requireImages(cluster, target.release);
}

async function pushRelease(
  repository: ProjectRepository,
  { release, kind }: Pick<ReleaseTarget, 'release' | 'kind'>,
): Promise<void> {
  await rollOut({
    git: repository.git,
    env: repository.env,
    target: { ...release, kind },
    print: () => undefined,
  });
  await repository.git('pull', '--quiet', '--ff-only', 'origin', 'main');
}

/** Resolves when the purchase-service's next pods will run a release, though it has none now. */
async function untilTemplateHas(kubectl: Kubectl, { digests }: Releases['next']): Promise<void> {
  await waitUntil(async () => {
    const images = await kubectl(
      ...['get', 'deployment', 'purchase-service', '--output'],
      'jsonpath={.spec.template.spec.containers[*].image}',
    );
    return images.includes(digests['purchase-service']) || `the purchase-service would run ${images}`;
  }, followedWithinMs);
}

/** Rejects unless all pods of both services run the images of a release. */
async function requireImages(
  { controlPlane }: RealCluster,
  { version, digests }: Releases['next'],
): Promise<void> {
  for (const service of services) {
    for (const { metadata, spec } of await podsOf(controlPlane, service)) {
      if (metadata.deletionTimestamp !== undefined) continue;
      const image = spec.containers.find(({ name }) => name === service)?.image ?? '';
      if (!image.endsWith(`:${version}@${digests[service]}`))
        throw new Error(`a pod of ${service} runs ${image}`);
    }
  }
}
