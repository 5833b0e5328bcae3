import { setTimeout as delay } from 'node:timers/promises';
import { errorText } from '@unity-purchase/tools';
import type { ApiClient } from '../kubernetes/control-plane/api-client.js';
import { namespace } from './deployed.js';

export const services = ['storefront', 'purchase-service'] as const;

export type ServiceName = (typeof services)[number];

/** What was seen at one moment. Undefined where nobody could be asked. */
export type Sample = {
  /** Since the start of the run. */
  seconds: number;
  /** Pods that the autoscaler asks for, and that are ready. */
  replicas: Readonly<Record<ServiceName, { wanted: number; ready: number }>>;
  /** Requests per second that are sent, and that Prometheus knows. */
  sentRate: number;
  measuredRate: number | undefined;
  /** Purchases that wait, as Kafka knows it. */
  lag: number | undefined;
};

/** What a run sees of itself, from its start. */
export type Observations = AsyncDisposable & {
  samples: readonly Sample[];
  latest: () => Sample;
  seconds: () => number;
};

const everyMs = 1_000;

type Deployments = {
  items: { metadata: { name: string }; spec: { replicas: number }; status: { readyReplicas?: number } }[];
};

/** Looks once a second until it is disposed of; resolves after the first look. */
export async function observe(
  client: ApiClient,
  look: () => Promise<Pick<Sample, 'sentRate' | 'measuredRate' | 'lag'>>,
  onTrouble: (text: string) => void,
): Promise<Observations> {
  const startMs = performance.now();
  const seconds = (): number => (performance.now() - startMs) / 1_000;
  const take = async (): Promise<Sample> => {
    const { items } = await client.getJson<Deployments>(`/apis/apps/v1/namespaces/${namespace}/deployments`);
    const replicasOf = (service: ServiceName) => {
      const found = items.find(({ metadata }) => metadata.name === service);
      return { wanted: found?.spec.replicas ?? 0, ready: found?.status.readyReplicas ?? 0 };
    };
    const replicas = {
      storefront: replicasOf('storefront'),
      'purchase-service': replicasOf('purchase-service'),
    };
    return { seconds: seconds(), replicas, ...(await look()) };
  };
  const samples = [await take()];
  const isOver = new AbortController();
  const looking = (async () => {
    while (!isOver.signal.aborted) {
      await delay(everyMs, undefined, { signal: isOver.signal }).catch(() => undefined);
      // A busy machine may leave one question unanswered; a story waits for the next answer.
      await take().then(
        (sample) => samples.push(sample),
        (error: unknown) => {
          onTrouble(`not seen: ${errorText(error)}`);
        },
      );
    }
  })();
  return {
    samples,
    seconds,
    latest: () => {
      const latest = samples.at(-1);
      if (latest === undefined) throw new Error('nothing was seen yet');
      return latest;
    },
    [Symbol.asyncDispose]: async () => {
      isOver.abort();
      await looking;
    },
  };
}
