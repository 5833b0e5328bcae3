import { waitUntil } from '@unity-purchase/tools';
import type { ApiClient } from '../kubernetes/control-plane/api-client.js';
import { namespace } from './deployed.js';
import type { Expectations } from './expectations.js';
import { services, type Observations, type ServiceName } from './observations.js';
import type { Outage } from './picture.js';
import type { Purchases } from './purchases.js';
import { expectScaleDown, type ScaleDownRules } from './scale-down.js';
import type { Settings } from './settings.js';
import type { Shoppers } from './shoppers.js';

/** Everything that a run does something to, or asks. */
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
  /** Notes when something was away, for the picture. */
  outage: (outage: Outage) => void;
};

const least = 2;
const most = 10;

/** A rate over a minute of values every 15 s, and the autoscaler's 15 s. */
const noticedWithinMs = 120_000;

/** A pod of the storefront is there for 20 requests per second; what is within a tenth of that changes nothing. */
const perSecondAtPeak = 230;

/** What a pod records per second, and what is bought at the peak: a little more than ten pods record. */
const recordedPerPod = 4;
const boughtAtPeak = 41;

/** From two pods to ten, at the numbers where the arithmetic of the autoscaler says so. */
export async function rise(stage: Stage): Promise<void> {
  await Promise.all([storefrontRises(stage), purchaseServiceRises(stage)]);
}

async function storefrontRises({ settings, observations, expectations, shoppers }: Stage): Promise<void> {
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

async function purchaseServiceRises({ settings, expectations, purchases }: Stage): Promise<void> {
  const { becomes, stays, comesTrue } = expectations['purchase-service'];
  const lagIs = async (count: number): Promise<void> =>
    comesTrue(
      `${count} purchases wait`,
      'Kafka reports them',
      async () => {
        // Asked now: the latest look may be from before they were made.
        const lag = await purchases.lag();
        return lag === count || `a lag of ${lag ?? 'nobody knows what'}`;
      },
      noticedWithinMs,
    );
  await becomes('no load', least, noticedWithinMs);
  purchases.recordedPerPod = recordedPerPod;
  await purchases.make(20);
  await lagIs(0);
  // As if every pod were busy with one slow purchase: what waits is exactly what is made from here on.
  purchases.recordedPerPod = 0;
  await purchases.make(21);
  await lagIs(21);
  await stays('21 purchases wait', 2, settings.holdMs);
  await purchases.make(2);
  await becomes('23 purchases wait', 3, noticedWithinMs);
  await purchases.make(9);
  await lagIs(32);
  await stays('32 purchases wait', 3, settings.holdMs);
  purchases.recordedPerPod = recordedPerPod;
  await purchases.make(200);
  purchases.made = boughtAtPeak;
  await becomes(`${boughtAtPeak} purchases/s, a pod records ${recordedPerPod}`, most, 2 * noticedWithinMs);
}

/** What is asked goes away while there is most to do: nobody who cannot know decides. */
export async function disturb(stage: Stage): Promise<void> {
  const { settings, observations, expectations, keda, prometheus, kafka, outage } = stage;
  const both = (each: (name: ServiceName, to: Expectations) => Promise<void>): Promise<unknown> =>
    Promise.all(services.map((name) => each(name, expectations[name])));

  const kedaAway = observations.seconds();
  await keda.kill();
  await both((_, { stays }) => stays('KEDA is killed, operator and adapter', most, settings.holdMs));
  await keda.restart();
  outage({ what: 'KEDA', fromSeconds: kedaAway, toSeconds: observations.seconds() });
  await both((name, { comesTrue }) =>
    comesTrue(
      'KEDA restarts',
      'the autoscaler gets its metric again',
      async () => (await conditionOf(stage, 'HorizontalPodAutoscaler', name)) === 'True' || 'it cannot',
      noticedWithinMs,
    ),
  );
  await both((_, { stays }) => stays('KEDA is back', most, settings.holdMs));

  const away: Readonly<Record<ServiceName, string>> = {
    storefront: 'Prometheus is killed',
    'purchase-service': 'Kafka is stopped',
  };
  const serversAway = observations.seconds();
  await Promise.all([prometheus.kill(), kafka.stop()]);
  await both(async (name, { comesTrue, stays }) => {
    const { expected, object, status } = unasked[name];
    await Promise.all([
      comesTrue(
        away[name],
        expected,
        async () => (await conditionOf(stage, object, name)) === status || 'it does not',
        noticedWithinMs,
      ),
      stays(away[name], most, settings.outageMs),
    ]);
  });
  await Promise.all([prometheus.restart(), kafka.restart()]);
  outage({
    what: { storefront: 'Prometheus', 'purchase-service': 'Kafka' },
    fromSeconds: serversAway,
    toSeconds: observations.seconds(),
  });
  await both(async (name, { comesTrue, stays }) => {
    const { object, status } = unasked[name];
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
 * How it shows that nobody can be asked. KEDA says that it falls back for a query that is not answered. To ask Kafka it
 * needs a connection first, and where it gets none it answers nothing, not even what the fallback says: then the autoscaler
 * knows nothing, and leaves things as they are.
 */
const unasked: Readonly<
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

/** Back to two, slowly. */
export async function fall({
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
  purchases.made = 1;
  await Promise.all(
    services.map(async (name) => {
      // What waits from the peak is work: the window begins when it is done.
      if (name === 'purchase-service')
        await waitUntil(
          () => (observations.latest().lag ?? Infinity) <= 20 || 'there is still work',
          600_000,
        );
      const end = { from: most, least, when: quiet[name] };
      await expectScaleDown(name, expectations[name], observations, rules[name], end);
      await expectations[name].stays(quiet[name], least, settings.holdMs);
    }),
  );
}

/** Whether an autoscaler can ask, or a ScaledObject falls back. */
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
