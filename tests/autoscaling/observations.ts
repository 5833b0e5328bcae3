import { setTimeout as delay } from 'node:timers/promises';
import { errorText } from '@unity-purchase/tools';
import type { ApiClient } from '../kubernetes/control-plane/api-client.js';
import { namespace } from './deployed.js';

export const services = ['storefront', 'purchase-service'] as const;

export type ServiceName = (typeof services)[number];

/** The observed values at one moment. A value is undefined while its source does not answer. */
export type Sample = {
  /** Seconds since the start of the run. */
  seconds: number;
  /** The pods that the autoscaler wants, and those that are ready. */
  replicas: Readonly<Record<ServiceName, { wanted: number; ready: number }>>;
  /** Requests per second: as sent, and as Prometheus measures them. */
  sentRate: number;
  measuredRate: number | undefined;
  /** Waiting purchases, as Kafka reports them. */
  lag: number | undefined;
};

/** The observations of a run since its start. */
export type Observations = AsyncDisposable & {
  samples: readonly Sample[];
  latest: () => Sample;
  seconds: () => number;
};

const everyMs = 1_000;

type Deployments = {
  items: { metadata: { name: string }; spec: { replicas: number }; status: { readyReplicas?: number } }[];
};

/** Observes once a second until it is disposed of. Resolves after the first observation. */
export async function observe(
  client: ApiClient,
  readMetrics: () => Promise<Pick<Sample, 'sentRate' | 'measuredRate' | 'lag'>>,
  onProblem: (text: string) => void,
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
    return { seconds: seconds(), replicas, ...(await readMetrics()) };
  };
  const samples = [await take()];
  const end = new AbortController();
  const observing = (async () => {
    while (!end.signal.aborted) {
      await delay(everyMs, undefined, { signal: end.signal }).catch(() => undefined);
      // On a busy machine a request may fail. A scenario waits for the next observation.
      await take().then(
        (sample) => samples.push(sample),
        (error: unknown) => {
          onProblem(`no observation: ${errorText(error)}`);
        },
      );
    }
  })();
  return {
    samples,
    seconds,
    latest: () => {
      const latest = samples.at(-1);
      if (latest === undefined) throw new Error('no observation yet');
      return latest;
    },
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await observing;
    },
  };
}
