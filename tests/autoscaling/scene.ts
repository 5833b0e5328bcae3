import { setTimeout as delay } from 'node:timers/promises';
import { errorText, waitUntil, createCleanup, type Cleanup } from '@unity-purchase/tools';
import { startControlPlane, type ControlPlane } from '../kubernetes/control-plane/control-plane.js';
import { addControllers } from '../kubernetes/control-plane/controllers.js';
import { addKeda, kedaProcesses } from '../kubernetes/control-plane/keda.js';
import type { Manifest } from '../kubernetes/rendering/render.js';
import { appliedObject, deployProduction, namespace, type Deployed } from './deployed.js';
import { expectationsOf, type Step } from './expectations.js';
import { createFakeStorefronts, type FakeStorefronts } from './fake-storefronts.js';
import { startKafka } from './kafka.js';
import { observe } from './observations.js';
import type { Outage } from './chart.js';
import { readyPods } from './pods.js';
import { preparePrometheus, type Prometheus } from './prometheus.js';
import { startPurchases, type Purchases } from './purchases.js';
import type { ScaleDownRules } from './scale-down.js';
import { prometheusConfig, targetsOf } from './scrape-config.js';
import type { Settings } from './settings.js';
import { createShoppers } from './shoppers.js';
import type { Stage } from './scenarios.js';

/** The running parts of a run. */
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

/** Starts everything and applies production. Resolves when the run can begin. `print` receives each result. */
export async function startScene(settings: Settings, print: (line: string) => void): Promise<Scene> {
  const cleanup = createCleanup();
  try {
    return await openScene(settings, print, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function openScene(
  settings: Settings,
  print: (line: string) => void,
  cleanup: Cleanup,
): Promise<Scene> {
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
    prometheusConfig(appliedObject(deployed, 'PodMonitor', 'storefront'), namespace, {
      file_sd_configs: [{ files: [prometheus.targetsFile] }],
    }),
  );
  const storefronts = cleanup.add(createFakeStorefronts());
  cleanup.add(followPods(controlPlane, { storefronts, prometheus, purchases }, print));
  const shoppers = cleanup.add(createShoppers(storefronts.addresses));
  const scaledObjects = {
    storefront: appliedObject(deployed, 'ScaledObject', 'storefront'),
    'purchase-service': appliedObject(deployed, 'ScaledObject', 'purchase-service'),
  };
  const query = queryOf(scaledObjects.storefront);
  // Without a metric, KEDA would begin with the four pods of its fallback.
  await waitUntil(
    async () =>
      (await prometheus.value(query)) !== undefined || 'Prometheus has no metrics of the storefront',
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
      print,
    ),
  );
  const steps: Step[] = [];
  const onStep = (step: Step): void => {
    steps.push(step);
    print(lineOf(step));
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

/** Follows the ready pods: fake storefronts listen, Prometheus scrapes them, and purchases are recorded at the pods' rate. */
function followPods(
  { client }: ControlPlane,
  followers: { storefronts: FakeStorefronts; prometheus: Prometheus; purchases: Purchases },
  print: (line: string) => void,
): AsyncDisposable {
  const { storefronts, prometheus, purchases } = followers;
  const end = new AbortController();
  const following = (async () => {
    while (!end.signal.aborted) {
      try {
        const pods = await readyPods(client, 'storefront');
        await storefronts.follow(pods);
        await prometheus.retarget(targetsOf(pods, namespace));
        purchases.pods = (await readyPods(client, 'purchase-service')).length;
      } catch (error) {
        print(`cannot follow the pods: ${errorText(error)}`);
      }
      await delay(followEveryMs, undefined, { signal: end.signal }).catch(() => undefined);
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      end.abort();
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
  if (query === undefined) throw new Error('the storefront’s trigger has no query');
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
