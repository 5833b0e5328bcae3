import { errorText, waitUntil } from '@unity-purchase/tools';
import { createShoppers } from '../../autoscaling/shoppers.js';
import { productNamespace } from '../../kubernetes/network/parties.js';
import type { services } from '../checks/sidecars.js';
import { requireKeptAnswers, resultText, startLoad } from '../load.js';
import type { RealCluster } from '../nodes/real-cluster.js';
import type { Shop } from '../shop.js';

type Service = (typeof services)[number];

/** What two processors can reach in minutes, instead of production's. The page states both. */
export const smallScale = {
  storefront: { name: 'threshold', production: '20', used: '5', stabilizationSeconds: 15, periodSeconds: 5 },
  'purchase-service': {
    name: 'lagThreshold',
    production: '10',
    used: '5',
    stabilizationSeconds: 15,
    periodSeconds: 5,
  },
} as const;

const replicas = { fewest: 2, wanted: 4 };

/** Requests per second that need four storefronts. */
const requestRate = 3.6 * Number(smallScale.storefront.used);

const buyPerSecond = 2;

/** Prometheus scrapes every 15 s and measures a minute. KEDA and the autoscaler look every 15 s each. */
const scaledUpWithinMs = 150_000;
const scaledDownWithinMs = 240_000;

/**
 * Resolves once requests have scaled the storefront from two to four and back, and a backlog the purchase-service, while shoppers bought all
 * the time, and every purchase was recorded once.
 */
export async function podsComeAndGo(
  cluster: RealCluster,
  shop: Shop,
  { address, store }: { address: string; store: string },
): Promise<string> {
  await using load = await startLoad(address, { root: shop.root, perSecond: buyPerSecond });
  const storefront = await scaledByRequests(cluster, address);
  const purchaseService = await scaledByBacklog(cluster, shop, store);
  const result = await load.end();
  requireKeptAnswers(result);
  return `storefront ${storefront.join(' → ')}, purchase-service ${purchaseService.join(' → ')}; ${resultText(result)}`;
}

/** Resolves to the numbers of storefronts while requests scaled them from two to four and back. */
export async function scaledByRequests(cluster: RealCluster, address: string): Promise<number[]> {
  const seen = await followReplicas(cluster, 'storefront');
  {
    await using shoppers = createShoppers(() => [`${address}/`]);
    shoppers.rate = requestRate;
    await seen.until((count) => count >= replicas.wanted, scaledUpWithinMs);
  }
  await seen.until((count) => count === replicas.fewest, scaledDownWithinMs);
  return seen.counts;
}

/** Without its store, the purchase-service records nothing, and events wait in the broker. */
async function scaledByBacklog(cluster: RealCluster, shop: Shop, store: string): Promise<number[]> {
  const seen = await followReplicas(cluster, 'purchase-service');
  await shop.stopServer(store);
  try {
    await seen.until((count) => count >= replicas.wanted, scaledUpWithinMs);
  } finally {
    await shop.startServer(store);
  }
  await seen.until((count) => count === replicas.fewest, scaledDownWithinMs);
  return seen.counts;
}

type Followed = {
  /** The numbers of replicas so far, without repetitions. */
  counts: number[];
  until: (isReached: (count: number) => boolean, timeoutMs: number) => Promise<void>;
};

type Deployment = { spec: { replicas: number }; status: { readyReplicas?: number } };

/** Follows how many replicas a service is to have. It begins with the fewest. */
async function followReplicas({ controlPlane }: RealCluster, service: Service): Promise<Followed> {
  const counts: number[] = [];
  const read = async (): Promise<number> => {
    const { spec } = await controlPlane.client.getJson<Deployment>(
      `/apis/apps/v1/namespaces/${productNamespace}/deployments/${service}`,
    );
    if (counts.at(-1) !== spec.replicas) counts.push(spec.replicas);
    return spec.replicas;
  };
  const until: Followed['until'] = (isReached, timeoutMs) =>
    waitUntil(async () => {
      const count = await read();
      if (await usesFallback(controlPlane, service)) throw new Error(`KEDA has no metric for the ${service}`);
      return (
        isReached(count) ||
        `${service} has ${counts.join(' → ')} replicas; ${await measured(controlPlane, service)}`
      );
    }, timeoutMs);
  await until((count) => count === replicas.fewest, scaledDownWithinMs);
  counts.splice(0, counts.length, replicas.fewest);
  return { counts, until };
}

/** Without a metric, KEDA sets replicas by the ScaledObject's fallback, which could look as if it scaled. */
async function usesFallback({ kubectl }: RealCluster['controlPlane'], service: Service): Promise<boolean> {
  const status = await kubectl([
    ...['--namespace', productNamespace, 'get', 'scaledobject', service, '--output'],
    'jsonpath={.status.conditions[?(@.type=="Fallback")].status}',
  ]);
  return status === 'True';
}

/** Makes KEDA ask for a metric that nothing has, until `use` is done. */
export async function withoutMetric<T>({ controlPlane }: RealCluster, use: () => Promise<T>): Promise<T> {
  const path = '/spec/triggers/0/metadata/query';
  const object = ['--namespace', productNamespace, 'scaledobject', 'storefront'];
  const get = ['get', ...object, '--output', 'jsonpath={.spec.triggers[0].metadata.query}'];
  const query = await controlPlane.kubectl(get);
  const ask = (value: string) =>
    controlPlane.kubectl([
      ...['patch', ...object, '--type', 'json', '--patch'],
      JSON.stringify([{ op: 'replace', path, value }]),
    ]);
  await ask('sum(nothing_has_this_name)');
  try {
    return await use();
  } finally {
    await ask(query);
  }
}

/** What the autoscaler of a service measures, and its latest complaint. */
async function measured({ kubectl }: RealCluster['controlPlane'], service: Service): Promise<string> {
  return kubectl([
    ...['--namespace', productNamespace, 'get', 'hpa', service, '--output'],
    'go-template={{range .status.currentMetrics}}{{.external.current.averageValue}} of {{end}}{{range .status.conditions}}{{.type}}={{.status}} {{end}}',
  ]).catch(errorText);
}

/** Makes KEDA scale a service with less load, and sooner, than in production. */
export async function useSmallScale({ controlPlane }: RealCluster, service: Service): Promise<void> {
  const { name, production, used, stabilizationSeconds, periodSeconds } = smallScale[service];
  const trigger = '/spec/triggers/0/metadata';
  const scaleDown = '/spec/advanced/horizontalPodAutoscalerConfig/behavior/scaleDown';
  await controlPlane.kubectl([
    ...['--namespace', productNamespace, 'patch', 'scaledobject', service, '--type', 'json', '--patch'],
    JSON.stringify([
      { op: 'test', path: `${trigger}/${name}`, value: production },
      { op: 'replace', path: `${trigger}/${name}`, value: used },
      { op: 'replace', path: `${scaleDown}/stabilizationWindowSeconds`, value: stabilizationSeconds },
      { op: 'replace', path: `${scaleDown}/policies/0/periodSeconds`, value: periodSeconds },
    ]),
  ]);
}
