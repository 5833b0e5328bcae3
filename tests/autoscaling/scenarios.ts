import { waitUntil } from '@unity-purchase/tools';
import type { ApiClient } from '../kubernetes/control-plane/api-client.js';
import { namespace } from './deployed.js';
import type { Expectations } from './expectations.js';
import { services, type Observations, type ServiceName } from './observations.js';
import type { Outage } from './chart.js';
import type { Purchases } from './purchases.js';
import { expectScaleDown, type ScaleDownRules } from './scale-down.js';
import type { Settings } from './settings.js';
import type { Shoppers } from './shoppers.js';

/** Everything that the scenarios read or change. */
export type Stage = {
  settings: Settings;
  client: ApiClient;
  observations: Observations;
  expectations: Readonly<Record<ServiceName, Expectations>>;
  shoppers: Shoppers;
  purchases: Purchases;
  rules: Readonly<Record<ServiceName, ScaleDownRules>>;
  prometheus: { kill: () => Promise<void>; restart: () => Promise<void> };
  kafka: { stop: () => Promise<void>; restart: () => Promise<void> };
  keda: { kill: () => Promise<void>; restart: () => Promise<void> };
  /** Records an outage for the chart. */
  outage: (outage: Outage) => void;
};

const least = 2;
const most = 10;

/** A rate over a minute needs a minute, and scrapes and the autoscaler's checks come every 15 s. */
const noticedWithinMs = 120_000;

/** More than ten pods' target of 20 requests per second each, even with the autoscaler's tolerance of a tenth. */
const perSecondAtPeak = 230;

/** Purchases per second: recorded by a pod, and placed at the peak, which is slightly more than ten pods record. */
const recordedPerPod = 4;
const placedAtPeak = 41;

/** Scales up from two pods to ten, with loads just below and above the autoscaler's steps. */
export async function scaleUp(stage: Stage): Promise<void> {
  await Promise.all([scaleUpStorefront(stage), scaleUpPurchaseService(stage)]);
}

async function scaleUpStorefront({ settings, observations, expectations, shoppers }: Stage): Promise<void> {
  const { becomes, stays, comesTrue } = expectations.storefront;
  const sends = async (rate: number): Promise<string> => {
    shoppers.rate = rate;
    await comesTrue(
      `${rate} requests/s are sent`,
      'Prometheus measures them, to 1 %',
      () => {
        const { measuredRate = 0 } = observations.latest();
        return Math.abs(measuredRate - rate) <= rate / 100 || `${measuredRate.toFixed(1)} requests/s`;
      },
      noticedWithinMs,
    );
    return `${rate} requests/s`;
  };
  await becomes('no load', least, noticedWithinMs);
  await stays(await sends(43), 2, settings.holdMs);
  shoppers.rate = 45;
  await becomes('45 requests/s', 3, noticedWithinMs);
  await stays(await sends(61), 3, settings.holdMs);
  shoppers.rate = perSecondAtPeak;
  await becomes(`${perSecondAtPeak} requests/s`, most, 2 * noticedWithinMs);
}

async function scaleUpPurchaseService({ settings, expectations, purchases }: Stage): Promise<void> {
  const { becomes, stays, comesTrue } = expectations['purchase-service'];
  const lagIs = async (count: number): Promise<void> =>
    comesTrue(
      `${count} purchases wait`,
      'Kafka reports them',
      async () => {
        // The latest observation may be older than these purchases.
        const lag = await purchases.lag();
        return lag === count || `a lag of ${lag ?? 'unknown size'}`;
      },
      noticedWithinMs,
    );
  await becomes('no load', least, noticedWithinMs);
  purchases.recordedPerPod = recordedPerPod;
  await purchases.place(20);
  await lagIs(0);
  // No pod records from here on, so the lag is exactly the number of purchases placed.
  purchases.recordedPerPod = 0;
  await purchases.place(21);
  await lagIs(21);
  await stays('21 purchases wait', 2, settings.holdMs);
  await purchases.place(2);
  await becomes('23 purchases wait', 3, noticedWithinMs);
  await purchases.place(9);
  await lagIs(32);
  await stays('32 purchases wait', 3, settings.holdMs);
  purchases.recordedPerPod = recordedPerPod;
  await purchases.place(200);
  purchases.placedPerSecond = placedAtPeak;
  await becomes(`${placedAtPeak} purchases/s, a pod records ${recordedPerPod}`, most, 2 * noticedWithinMs);
}

/** Stops KEDA, then Prometheus and Kafka, under full load. The number of pods must not change. */
export async function disturb(stage: Stage): Promise<void> {
  const { settings, observations, expectations, keda, prometheus, kafka, outage } = stage;
  const both = (each: (name: ServiceName, to: Expectations) => Promise<void>): Promise<unknown> =>
    Promise.all(services.map((name) => each(name, expectations[name])));

  const kedaDown = observations.seconds();
  await keda.kill();
  await both((_, { stays }) => stays('KEDA is killed, operator and adapter', most, settings.holdMs));
  await keda.restart();
  outage({ what: 'KEDA', fromSeconds: kedaDown, toSeconds: observations.seconds() });
  await both((name, { comesTrue }) =>
    comesTrue(
      'KEDA restarts',
      'the autoscaler gets its metric again',
      async () => (await conditionOf(stage, 'HorizontalPodAutoscaler', name)) === 'True' || 'it cannot',
      noticedWithinMs,
    ),
  );
  await both((_, { stays }) => stays('KEDA is back', most, settings.holdMs));

  const outages: Readonly<Record<ServiceName, string>> = {
    storefront: 'Prometheus is killed',
    'purchase-service': 'Kafka is stopped',
  };
  const serversDown = observations.seconds();
  await Promise.all([prometheus.kill(), kafka.stop()]);
  await both(async (name, { comesTrue, stays }) => {
    const { expected, object, status } = outageSymptoms[name];
    await Promise.all([
      comesTrue(
        outages[name],
        expected,
        async () => (await conditionOf(stage, object, name)) === status || 'it does not',
        noticedWithinMs,
      ),
      stays(outages[name], most, settings.outageMs),
    ]);
  });
  await Promise.all([prometheus.restart(), kafka.restart()]);
  outage({
    what: { storefront: 'Prometheus', 'purchase-service': 'Kafka' },
    fromSeconds: serversDown,
    toSeconds: observations.seconds(),
  });
  await both(async (name, { comesTrue, stays }) => {
    const { object, status } = outageSymptoms[name];
    await comesTrue(
      'it restarts',
      'its metric is available again',
      async () => {
        const now = await conditionOf(stage, object, name);
        return (now !== undefined && now !== status) || 'it is not';
      },
      noticedWithinMs,
    );
    await stays('it is back', most, settings.holdMs);
  });
}

/**
 * How an outage of the metric's source becomes visible. When a query to Prometheus fails, KEDA reports its fallback. KEDA must
 * connect to Kafka before it can query the lag; without a connection it answers nothing, not even the fallback. The autoscaler
 * then has no metric and changes nothing.
 */
const outageSymptoms: Readonly<
  Record<
    ServiceName,
    { expected: string; object: 'HorizontalPodAutoscaler' | 'ScaledObject'; status: string }
  >
> = {
  storefront: { expected: 'KEDA reports its fallback', object: 'ScaledObject', status: 'True' },
  'purchase-service': {
    expected: 'the autoscaler reports a missing metric',
    object: 'HorizontalPodAutoscaler',
    status: 'False',
  },
};

/** Scales down to two pods, slowly. */
export async function scaleDown({
  settings,
  observations,
  expectations,
  shoppers,
  purchases,
  rules,
}: Stage): Promise<void> {
  const quiet: Readonly<Record<ServiceName, string>> = {
    storefront: '10 requests/s',
    'purchase-service': 'one purchase/s',
  };
  shoppers.rate = 10;
  purchases.placedPerSecond = 1;
  await Promise.all(
    services.map(async (name) => {
      // The stabilization window begins when the backlog of the peak is recorded.
      if (name === 'purchase-service')
        await waitUntil(
          () => (observations.latest().lag ?? Infinity) <= 20 || 'the backlog is not recorded yet',
          600_000,
        );
      const end = { from: most, least, when: quiet[name] };
      await expectScaleDown(name, expectations[name], observations, rules[name], end);
      await expectations[name].stays(quiet[name], least, settings.holdMs);
    }),
  );
}

/** The status of an autoscaler's ScalingActive, or of a ScaledObject's Fallback. */
async function conditionOf(
  { client }: Stage,
  kind: 'HorizontalPodAutoscaler' | 'ScaledObject',
  name: ServiceName,
): Promise<string | undefined> {
  const [path, type] =
    kind === 'ScaledObject'
      ? (['keda.sh/v1alpha1', 'Fallback'] as const)
      : (['autoscaling/v2', 'ScalingActive'] as const);
  const { status } = await client.getJson<{ status: { conditions?: { type: string; status: string }[] } }>(
    `/apis/${path}/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`,
  );
  return status.conditions?.find((condition) => condition.type === type)?.status;
}
