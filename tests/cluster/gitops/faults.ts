import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RealCluster } from '../nodes/real-cluster.js';
import { applyApplications } from './follow.js';
import type { ProjectRepository } from './repository.js';

const storefront = 'k8s/base/storefront/deployment.yaml';

/** Fixed replicas in the manifest, which Argo CD defends against KEDA. */
export const fixedReplicas = { 'spec:\n  # No replicas': 'spec:\n  replicas: 2\n  # No replicas' };

/** All pods are killed at once, while requests still arrive, and before there are others. */
export const allAtOnce = {
  'maxSurge: 1\n      maxUnavailable: 0': 'maxSurge: 0\n      maxUnavailable: 100%',
  'terminationGracePeriodSeconds: 45': 'terminationGracePeriodSeconds: 1',
  '                seconds: 5': '                seconds: 0',
  "value: '5000'": "value: '0'",
};

/** Commits changes of the storefront's manifest, and follows them until `use` is done. Throws if one does not apply. */
export async function withCommit<T>(
  cluster: RealCluster,
  repository: ProjectRepository,
  { changes, path }: { changes: Readonly<Record<string, string>>; path: string },
  use: () => Promise<T>,
): Promise<T> {
  const file = join(repository.checkout, storefront);
  const before = await readFile(file, 'utf8');
  let text = before;
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`${storefront} has no ${from}`);
    text = text.replace(from, to);
  }
  await commit(cluster, repository, { file, text, path });
  try {
    return await use();
  } finally {
    await repository.git('pull', '--quiet', '--ff-only', 'origin', 'main');
    await commit(cluster, repository, { file, text: before, path });
  }
}

async function commit(
  cluster: RealCluster,
  repository: ProjectRepository,
  { file, text, path }: { file: string; text: string; path: string },
): Promise<void> {
  await writeFile(file, text);
  await repository.git('commit', '--quiet', '--all', '--message', 'chore: change the storefront');
  await repository.git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  await applyApplications(cluster, repository, path);
}
