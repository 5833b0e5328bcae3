import { errorText, waitUntil } from '@unity-purchase/tools';
import { productNamespace } from '../../kubernetes/network/parties.js';
import { services } from '../checks/sidecars.js';
import { resultText, startLoad, type Load } from '../load.js';
import type { RealCluster } from '../nodes/real-cluster.js';
import type { Pair, Shop } from '../shop.js';

const buyPerSecond = 3;

const pausedReplicas = 'autoscaling.keda.sh/paused-replicas';

const closedWithinMs = 120_000;
const drainedWithinMs = 120_000;

/** How long the backlog must stay empty. Nothing fails here, so no event waits for a retry that is up to 16 minutes away. */
const emptyForMs = 20_000;

/** How long what waits in another broker is looked for. */
const missingForMs = 20_000;

const boughtWithinMs = 120_000;

const readyTimeout = '--timeout=170s';
const kubectlTimeoutMs = 180_000;

type Kubectl = (...args: string[]) => Promise<string>;

/**
 * Follows docs/operators/change-broker.md to another broker and another store while shoppers try to buy all the time. Resolves if
 * everything that was accepted before is in the old store, and everything after in the new one, once.
 */
export async function changeBrokerAndStore(
  { controlPlane }: RealCluster,
  shop: Shop,
  { address, pair }: { address: string; pair: Pair },
): Promise<string> {
  const kubectl = kubectlOf(controlPlane);
  await shop.startServers(pair);
  const load = await startLoad(address, { root: shop.root, perSecond: buyPerSecond });
  await untilBought(load);
  await close(kubectl, 'storefront');
  await untilBacklogIsEmpty(kubectl);
  const before = await load.buyers.beginAnew();
  await close(kubectl, 'purchase-service');
  await shop.change(pair);
  await open(kubectl);
  await untilBought(load);
  return `${String(before)} purchases in the old store; in the new one ${resultText(await load.end())}`;
}

/**
 * Changes to another broker without emptying the old one, whose events then wait where no one looks. Rejects with what is missing.
 * Afterwards the shop is back at `pair`, which records them.
 */
export async function changeWithoutEmptying(
  { controlPlane }: RealCluster,
  shop: Shop,
  { address, pair, other }: { address: string; pair: Pair; other: Pair },
): Promise<void> {
  const kubectl = kubectlOf(controlPlane);
  const load = await startLoad(address, { root: shop.root, perSecond: buyPerSecond });
  await close(kubectl, 'purchase-service');
  await untilBought(load);
  await load.stop();
  await close(kubectl, 'storefront');
  await shop.change(other);
  await open(kubectl);
  try {
    await load.buyers.waitUntilRecorded(missingForMs);
  } finally {
    for (const service of services) await close(kubectl, service);
    await shop.change(pair);
    await open(kubectl);
    await load.buyers.waitUntilRecorded(drainedWithinMs);
  }
}

function kubectlOf({ kubectl }: RealCluster['controlPlane']): Kubectl {
  return (...args) => kubectl(['--namespace', productNamespace, ...args], { timeoutMs: kubectlTimeoutMs });
}

async function untilBought({ buyers }: Load): Promise<void> {
  const before = buyers.acceptedCount;
  await waitUntil(() => buyers.acceptedCount > before + 20 || 'shoppers do not buy', boughtWithinMs);
}

/** Lets KEDA scale a service to zero, and waits until it has no pods. */
async function close(kubectl: Kubectl, service: string): Promise<void> {
  await kubectl('annotate', 'scaledobject', service, `${pausedReplicas}=0`, '--overwrite');
  await waitUntil(async () => {
    const selector = `app.kubernetes.io/name=${service}`;
    const pods = await kubectl('get', 'pods', '--selector', selector, '--output', 'name');
    return pods === '' || `the ${service} still has pods`;
  }, closedWithinMs);
}

async function open(kubectl: Kubectl): Promise<void> {
  await kubectl('annotate', 'scaledobject', ...services, `${pausedReplicas}-`);
  for (const service of services) {
    await waitUntil(async () => {
      const replicas = await kubectl('get', 'deployment', service, '--output', 'jsonpath={.spec.replicas}');
      return replicas !== '0' || `KEDA keeps the ${service} at zero`;
    }, closedWithinMs);
    await kubectl('rollout', 'status', `deployment/${service}`, readyTimeout);
  }
}

/** As the page says: the autoscaler measures 0, and it stays 0. */
async function untilBacklogIsEmpty(kubectl: Kubectl): Promise<void> {
  let sinceMs: number | undefined;
  await waitUntil(async () => {
    const measured = await kubectl(
      ...['get', 'hpa', 'purchase-service', '--output'],
      'jsonpath={.status.currentMetrics[0].external.current.averageValue}',
    ).catch(errorText);
    if (measured !== '0') sinceMs = undefined;
    else sinceMs ??= performance.now();
    return (
      (sinceMs !== undefined && performance.now() - sinceMs > emptyForMs) ||
      `the autoscaler of the purchase-service measures ${measured}`
    );
  }, drainedWithinMs);
}
