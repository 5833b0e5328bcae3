import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '@unity-purchase/tools';
import { createShoppers } from '../../autoscaling/shoppers.js';
import { productNamespace } from '../../kubernetes/network/parties.js';
import { runScript } from '../../kubernetes/scripts/run-script.js';
import { acceptRoute } from '../gateway.js';
import { argocd } from '../infrastructure/argocd.js';
import { requireKeptAnswers, resultText, startLoad } from '../load.js';
import type { RealCluster } from '../nodes/real-cluster.js';
import { keptApplications, type ProjectRepository } from './repository.js';

type Application = { status?: { sync?: { status: string } } };

/** The Application of the shop. */
export const shopApplication = 'purchase-system';

/** Hands the cluster over to Argo CD, or waits until it follows the newest commit, with the product's script. */
export async function applyApplications(
  cluster: RealCluster,
  repository: ProjectRepository,
  path: string,
): Promise<string> {
  const { controlPlane } = cluster;
  const accepted = acceptRoute(cluster);
  // The script says what is missing, if it ends first.
  accepted.catch(() => undefined);
  const { code, output } = await runScript(
    'apply-applications',
    ['--cluster', 'staging', '--timeout', '8m'],
    {
      path,
      env: { KUBECONFIG: controlPlane.kubeconfig },
      folder: join(repository.checkout, 'k8s', 'scripts'),
    },
  );
  if (code !== 0) throw new Error(output.slice(-3_000));
  await accepted;
  return `root, ${keptApplications.join(', ')} are Synced and Healthy`;
}

/** Resolves if Argo CD undoes what someone changes by hand. */
export async function revertsManualChange({ controlPlane }: RealCluster): Promise<string> {
  const inNamespace = (...args: string[]) => controlPlane.kubectl(['--namespace', productNamespace, ...args]);
  const read = () =>
    inNamespace('get', 'deployment', 'storefront', '--output', 'jsonpath={.spec.minReadySeconds}');
  const wanted = await read();
  const startedMs = performance.now();
  await inNamespace(
    'patch',
    'deployment',
    'storefront',
    '--type',
    'merge',
    '--patch',
    '{"spec":{"minReadySeconds":77}}',
  );
  await waitUntil(async () => {
    const found = await read();
    return found === wanted || `minReadySeconds is still ${found}`;
  }, 240_000);
  return `minReadySeconds of the storefront was ${wanted} again after ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`;
}

/** Requests per second that need four storefronts at production's threshold. */
const requestRate = 66;

/** How long requests keep coming. The autoscaler then takes five minutes before it removes pods, one each minute. */
const requestsForMs = 150_000;

/**
 * Watches the shop's Application while KEDA changes the replicas under load. Resolves if it was never OutOfSync, replicas did change,
 * and every purchase was recorded once.
 */
export async function leavesReplicasToKeda(
  { controlPlane }: RealCluster,
  { address, root, watchForMs }: { address: string; root: string; watchForMs: number },
): Promise<string> {
  const counts: number[] = [];
  await using load = await startLoad(address, { root, perSecond: 1 });
  await using shoppers = createShoppers(() => [`${address}/`]);
  shoppers.rate = requestRate;
  const startedMs = performance.now();
  let looks = 0;
  while (performance.now() - startedMs < watchForMs) {
    if (performance.now() - startedMs > requestsForMs) shoppers.rate = 0;
    const { status } = await controlPlane.client.getJson<Application>(
      `/apis/argoproj.io/v1alpha1/namespaces/${argocd.namespace}/applications/${shopApplication}`,
    );
    looks += 1;
    const state = status?.sync?.status ?? 'unknown';
    if (state !== 'Synced')
      throw new Error(`${shopApplication} was ${state} after ${counts.join(' → ')} storefronts`);
    const { spec } = await controlPlane.client.getJson<{ spec: { replicas: number } }>(
      `/apis/apps/v1/namespaces/${productNamespace}/deployments/storefront`,
    );
    if (counts.at(-1) !== spec.replicas) counts.push(spec.replicas);
    await delay(500);
  }
  const result = await load.end();
  requireKeptAnswers(result);
  if (counts.length < 3) throw new Error(`KEDA only asked for ${counts.join(' → ')} storefronts`);
  return `${String(looks)} looks in ${(watchForMs / 60_000).toFixed(0)} minutes, always Synced, with ${counts.join(' → ')} storefronts; ${resultText(result)}`;
}
