import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { projectRoot, waitUntil } from '@unity-purchase/tools';
import type { BenchmarkSystem } from '../benchmark-system.js';
import { buyAtARate } from '../load/buy-at-a-rate.js';
import { buyWithoutPause } from '../load/buy-without-pause.js';
import { signInShoppers } from '../load/shoppers.js';
import type { Pipeline } from '../pipelines/pipeline.js';
import type { Worker } from '../results.js';
import { callTreeOf } from './call-tree.js';
import { takeProfile } from './cpu-profile.js';
import { flameGraph } from './flame-graph.js';
import { profileFolderVariable } from './profile-files.js';
import { profileTable } from './profile-table.js';

/** What a service needs in its environment to be profiled. */
export function profiledEnvironment(folder: string): Record<string, string> {
  const recorder = pathToFileURL(join(import.meta.dirname, 'record-on-signal.ts')).href;
  return { [profileFolderVariable]: folder, NODE_OPTIONS: `--import=tsx --import=${recorder}` };
}

const shopperCount = 64;
const clients = 64;
const warmUpSeconds = 6;
const recordedWithinMs = 60_000;

/** Enough for the recorder to be busy while it is profiled. */
const backlogPerSecond = 1_500;

/** A profile with how many purchases it took. */
type Taken = { name: string; seconds: number; purchases: number };

/**
 * Takes CPU profiles of the storefront and the purchase-service: at saturation, each alone, and at half of the rate that both
 * sustain together. Writes each to `folder` as a flame graph and in V8's format, and prints where the time went.
 */
export async function runProfile(
  { pipelines, backlog }: BenchmarkSystem,
  { folder, seconds, tell }: { folder: string; seconds: number; tell: (line: string) => void },
): Promise<void> {
  const [pipeline] = pipelines;
  if (pipeline === undefined) throw new TypeError('there is no pipeline to profile');
  await mkdir(folder, { recursive: true });
  const { storefront, recorder, topic, group } = pipeline;
  const take = async (worker: Worker, when: string, work: () => Promise<number>): Promise<Taken> => {
    const startMs = performance.now();
    const { profile, result: purchases } = await takeProfile({ pid: pidOf(pipeline, worker), folder }, work);
    const taken = { name: `${worker}-${when}`, seconds: (performance.now() - startMs) / 1_000, purchases };
    const tree = callTreeOf(profile, pathToFileURL(`${projectRoot}/`).href);
    await writeFile(join(folder, `${taken.name}.cpuprofile`), JSON.stringify(profile));
    await writeFile(join(folder, `${taken.name}.svg`), flameGraph(tree, taken.name));
    const rate = Math.round(purchases / taken.seconds);
    tell(
      `\n## ${worker}, ${when}: ${purchases} purchases, ${rate} per second\n\n${profileTable(tree, purchases)}`,
    );
    return taken;
  };

  const shoppers = await signInShoppers(storefront, shopperCount);
  const buy = async (forSeconds: number) =>
    (await buyWithoutPause({ storefront, shoppers, clients, seconds: forSeconds })).latenciesMs.length;
  await buy(warmUpSeconds);
  const accepting = await take('storefront', 'at saturation', () => buy(seconds));

  await backlog.skip(topic, group);
  await backlog.fill(topic, backlogPerSecond * (seconds + warmUpSeconds));
  await recorder.start();
  const recordFor = async (forSeconds: number): Promise<number> => {
    const before = await recorder.recorded();
    await delay(forSeconds * 1_000);
    return (await recorder.recorded()) - before;
  };
  await waitUntil(async () => (await recorder.recorded()) > 0 || 'nothing is recorded', recordedWithinMs);
  await recordFor(warmUpSeconds);
  const recording = await take('recorder', 'at saturation', () => recordFor(seconds));
  await recorder.stop();
  await backlog.skip(topic, group);

  await recorder.start();
  const secondsPerPurchase = [accepting, recording].reduce(
    (sum, taken) => sum + taken.seconds / taken.purchases,
    0,
  );
  const perSecond = Math.max(1, Math.floor(1 / secondsPerPurchase / 2));
  const buySteadily = async () => (await buyAtARate({ storefront, shoppers, perSecond, seconds })).length;
  await buySteadily();
  await take('storefront', 'at half load', buySteadily);
  await take('recorder', 'at half load', buySteadily);
  await recorder.stop();
}

function pidOf(pipeline: Pipeline, worker: Worker): number {
  const pid = pipeline.processes().find((process) => process.worker === worker)?.pid;
  if (pid === undefined) throw new TypeError(`${worker} does not run`);
  return pid;
}
