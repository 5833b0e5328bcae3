import { gitIn } from '../../../tools/release/git.js';
import { rollOut, type RolloutTarget } from '../../../tools/release/rollout.js';
import { productNamespace } from '../../kubernetes/network/parties.js';
import { services } from '../checks/sidecars.js';
import type { Releases } from '../images/cluster-images.js';
import { requireKeptAnswers, resultText, startLoad } from '../load.js';
import type { RealCluster } from '../nodes/real-cluster.js';
import { applyApplications } from './follow.js';
import type { ProjectRepository } from './repository.js';

const buyPerSecond = 5;

/**
 * Rolls out the next version with the commit that `npm run release -- bump` makes, or goes back as `rollback` does, while shoppers buy.
 * Resolves once Argo CD has deployed it, no answer was worse than a 503 with Retry-After, and each purchase was recorded once.
 */
export async function rollOutUnderLoad(
  cluster: RealCluster,
  repository: ProjectRepository,
  {
    release,
    kind,
    address,
    root,
    path,
  }: {
    release: Releases['next'];
    kind: RolloutTarget['kind'];
    address: string;
    root: string;
    path: string;
  },
): Promise<string> {
  const load = await startLoad(address, { root, perSecond: buyPerSecond });
  await rollOut({
    git: gitIn(repository.checkout, repository.env),
    env: repository.env,
    target: { ...release, kind },
    print: () => undefined,
  });
  await repository.git('pull', '--quiet', '--ff-only', 'origin', 'main');
  await applyApplications(cluster, repository, path);
  await requireImages(cluster, release);
  const result = await load.end();
  requireKeptAnswers(result);
  return `${release.version} runs; ${resultText(result)}`;
}

type Pods = {
  items: {
    metadata: { deletionTimestamp?: string };
    spec: { containers: { name: string; image: string }[] };
  }[];
};

/** Rejects unless all pods of both services run the images of a release. */
async function requireImages(
  { controlPlane }: RealCluster,
  { version, digests }: Releases['next'],
): Promise<void> {
  for (const service of services) {
    const { items } = await controlPlane.client.getJson<Pods>(
      `/api/v1/namespaces/${productNamespace}/pods?labelSelector=app.kubernetes.io/name%3D${service}`,
    );
    for (const { metadata, spec } of items) {
      if (metadata.deletionTimestamp !== undefined) continue;
      const image = spec.containers.find(({ name }) => name === service)?.image ?? '';
      if (!image.endsWith(`:${version}@${digests[service]}`))
        throw new Error(`a pod of ${service} runs ${image}`);
    }
  }
}
