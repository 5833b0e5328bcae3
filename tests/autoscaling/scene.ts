import { setTimeout as delay } from 'node:timers/promises';
import { errorText, waitUntil, createCleanup, type Cleanup } from '@unity-purchase/tools';
import { startControlPlane, type ControlPlane } from '../kubernetes/control-plane/control-plane.js';
import { addControllers } from '../kubernetes/control-plane/controllers.js';
import { addKeda, kedaProcesses } from '../kubernetes/control-plane/keda.js';
import type { Manifest } from '../kubernetes/rendering/render.js';
import { appliedObject, deployProduction, namespace, type Deployed } from './deployed.js';
import { expectationsOf, type Step } from './expectations.js';
import { startKafka } from './kafka.js';
import { observe } from './observations.js';
import type { Outage } from './picture.js';
import { readyPods } from './pods.js';
import { preparePrometheus, type Prometheus } from './prometheus.js';
import { startPurchases, type Purchases } from './purchases.js';
import type { ScaleDownRules } from './scale-down.js';
import { prometheusConfig, targetsOf } from './scrape-config.js';
import type { Settings } from './settings.js';
import { createShoppers } from './shoppers.js';
import { createStandIns, type StandIns } from './stand-ins.js';
import type { Stage } from './stories.js';

/** Everything that a run needs, running. */
export type Scene = AsyncDisposable & {
  stage: Stage;
  controlPlane: ControlPlane;
  deployed: Deployed;
  startedAt: Date;
  steps: readonly Step[];
  outages: readonly Outage[];
};

const followEveryMs = 500;
const restartTimeoutMs = 120_000;
const scrapedWithinMs = 60_000;

/** Starts it all and applies production; resolves when the run can begin. `tell` gets each step as it ends. */
export async function startScene(settings: Settings, tell: (line: string) => void): Promise<Scene> {
  const cleanup = createCleanup();
  try {
    return await openScene(settings, tell, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function openScene(settings: Settings, tell: (line: string) => void, cleanup: Cleanup): Promise<Scene> {
  const controlPlane = cleanup.add(
    await startControlPlane({ crds: ['keda', 'dapr', 'prometheus-operator'] }),
  );
  await addControllers(controlPlane);
  await addKeda(controlPlane);
  const kafka = await startKafka(controlPlane);
  const purchases = cleanup.add(await startPurchases(kafka.address));
  const prometheus = await preparePrometheus(controlPlane);
  const deployed = await deployProduction(
    controlPlane,
    { prometheus: prometheus.url, kafka: kafka.address },
    settings,
  );
  const { client, processes } = controlPlane;
  await prometheus.start(
    prometheusConfig(appliedObject(deployed, 'PodMonitor', 'storefront'), namespace, prometheus.targetsFile),
  );
  const standIns = cleanup.add(createStandIns());
  cleanup.add(followPods(controlPlane, { standIns, prometheus, purchases }, tell));
  const shoppers = cleanup.add(createShoppers(standIns.addresses));
  const scaledObjects = {
    storefront: appliedObject(deployed, 'ScaledObject', 'storefront'),
    'purchase-service': appliedObject(deployed, 'ScaledObject', 'purchase-service'),
  };
  const query = queryOf(scaledObjects.storefront);
  // Else the first that is asked is nobody, and the shop begins with the four pods of the fallback.
  await waitUntil(
    async () => (await prometheus.value(query)) !== undefined || 'Prometheus knows no storefront',
    scrapedWithinMs,
  );
  await deployed.applyScaling();
  const startedAt = new Date();
  const observations = cleanup.add(
    await observe(
      client,
      async () => ({
        sentRate: shoppers.rate,
        measuredRate: await prometheus.value(query),
        lag: await purchases.lag(),
      }),
      tell,
    ),
  );
  const steps: Step[] = [];
  const onStep = (step: Step): void => {
    steps.push(step);
    tell(lineOf(step));
  };
  const outages: Outage[] = [];
  return {
    controlPlane,
    deployed,
    startedAt,
    steps,
    outages,
    stage: {
      settings,
      client,
      observations,
      expectations: {
        storefront: expectationsOf('storefront', observations, onStep),
        'purchase-service': expectationsOf('purchase-service', observations, onStep),
      },
      shoppers,
      purchases,
      rules: {
        storefront: rulesOf(scaledObjects.storefront),
        'purchase-service': rulesOf(scaledObjects['purchase-service']),
      },
      prometheus,
      kafka,
      keda: {
        kill: async () => {
          for (const name of kedaProcesses) {
            processes.process(name).kill('SIGKILL');
            await processes.process(name).exited;
          }
        },
        restart: async () => {
          for (const name of kedaProcesses) {
            await processes.process(name).start();
            await processes.waitUntilReady(name, restartTimeoutMs);
          }
        },
      },
      outage: (outage) => outages.push(outage),
    },
    [Symbol.asyncDispose]: cleanup.run,
  };
}

/** Lets somebody listen for each ready pod of the storefront and be asked, and as much be recorded as there are pods for it. */
function followPods(
  { client }: ControlPlane,
  followers: { standIns: StandIns; prometheus: Prometheus; purchases: Purchases },
  tell: (line: string) => void,
): AsyncDisposable {
  const { standIns, prometheus, purchases } = followers;
  const isOver = new AbortController();
  const following = (async () => {
    while (!isOver.signal.aborted) {
      try {
        const storefronts = await readyPods(client, 'storefront');
        await standIns.follow(storefronts);
        await prometheus.retarget(targetsOf(storefronts, namespace));
        purchases.pods = (await readyPods(client, 'purchase-service')).length;
      } catch (error) {
        tell(`pods are not followed: ${errorText(error)}`);
      }
      await delay(followEveryMs, undefined, { signal: isOver.signal }).catch(() => undefined);
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      isOver.abort();
      await following;
    },
  };
}

type ScaledObjectSpec = {
  triggers: { metadata: { query?: string } }[];
  advanced: {
    horizontalPodAutoscalerConfig: {
      behavior: {
        scaleDown: { stabilizationWindowSeconds: number; policies: { periodSeconds: number }[] };
      };
    };
  };
};

function queryOf({ spec }: Manifest): string {
  const query = (spec as ScaledObjectSpec).triggers[0]?.metadata.query;
  if (query === undefined) throw new Error('the storefront is not scaled by a query');
  return query;
}

function rulesOf({ spec }: Manifest): ScaleDownRules {
  const { scaleDown } = (spec as ScaledObjectSpec).advanced.horizontalPodAutoscalerConfig.behavior;
  return {
    windowSeconds: scaleDown.stabilizationWindowSeconds,
    periodSeconds: scaleDown.policies[0]?.periodSeconds ?? 0,
  };
}

function lineOf({ service, when, expected, observed, toSeconds, isMet }: Step): string {
  return `${toSeconds.toFixed(0).padStart(5)} s  ${isMet ? 'met    ' : 'NOT MET'}  ${service}: ${when}: ${expected}; ${observed}`;
}
