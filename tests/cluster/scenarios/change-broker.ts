import { errorText, waitUntil } from '@unity-purchase/tools';
import { services } from '../checks/sidecars.js';
import { resultText, startLoad } from '../load.js';
import type { RealCluster } from '../nodes/real-cluster.js';
import type { Pair, Shop } from '../shop.js';
import { close, open, productKubectl, type Kubectl } from './pausing.js';

const buyPerSecond = 3;

const drainedWithinMs = 120_000;

/** How long the backlog must stay empty. Nothing fails here, so no event waits for a retry that is up to 16 minutes away. */
const emptyForMs = 20_000;

/** How long what waits in another broker is looked for. */
const missingForMs = 20_000;

/**
 * Follows docs/operators/change-broker.md to another broker and another store while shoppers try to buy all the time. Resolves if
 * everything that was accepted before is in the old store, and everything after in the new one, once.
 */
export async function changeBrokerAndStore(
  cluster: RealCluster,
  shop: Shop,
  { address, pair }: { address: string; pair: Pair },
): Promise<string> {
  const kubectl = productKubectl(cluster);
  await shop.startServers(pair);
  await using load = await startLoad(address, { root: shop.root, perSecond: buyPerSecond });
  await load.untilBought();
  await close(kubectl, 'storefront');
  await untilBacklogIsEmpty(kubectl);
  const before = await load.buyers.beginAnew();
  await close(kubectl, 'purchase-service');
  await shop.change(pair);
  await open(kubectl);
  await load.untilBought();
  return `${String(before)} purchases in the old store. In the new one ${resultText(await load.end())}`;
}

/**
 * Changes to another broker without emptying the old one, whose events then wait where no one looks. Rejects with what is missing.
 * Afterwards the shop is back at `pair`, which records them.
 */
export async function changeWithoutEmptying(
  cluster: RealCluster,
  shop: Shop,
  { address, pair, other }: { address: string; pair: Pair; other: Pair },
): Promise<void> {
  const kubectl = productKubectl(cluster);
  await using load = await startLoad(address, { root: shop.root, perSecond: buyPerSecond });
  await close(kubectl, 'purchase-service');
  await load.untilBought();
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
