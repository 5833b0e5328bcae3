import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { appIds } from '@unity-purchase/contracts';
import {
  errorText,
  exitingOnInterrupts,
  obtainFor,
  projectRoot,
  rejectOnAbort,
  rejectOnFailure,
  runInterruptibly,
} from '@unity-purchase/tools';
import { hostileNames } from '../conformance/hostile-names.js';
import { startTestBed, type TestBed } from '../conformance/test-bed.js';
import { mountSmallDisk, whyNoSmallDisk, type SmallDisk } from '../system/small-disk.js';
import { watchCounter } from './counter-watch.js';
import { buySteadily } from './demand.js';
import { disturb, targetsIn } from './disturb.js';
import { reconcile } from './reconcile.js';
import { reportText, type Report } from './report.js';
import { disturbances, type Disturbance } from './schedule.js';
import { commandFor, describe, readSettings, type Settings } from './settings.js';

const perSecond = 20;

/** Room for an hour of purchases on every pair. */
const diskMebibytes = 2_048;

const tell = (line: string): void => {
  console.log(line);
};

// Work in flight when a run is abandoned would keep this process alive for minutes.
process.exit(await runInterruptibly(() => readSettings(process.argv.slice(2)), main));

async function main(settings: Settings, signal: AbortSignal): Promise<void> {
  await exitingOnInterrupts(() => obtainFor(settings.pair));
  tell(`${describe(settings)}; again with: ${commandFor(settings)}`);
  try {
    await using disk = await diskToFill();
    await using testBed = await startTestBed(settings.pair, disk);
    await Promise.race([
      run(testBed, settings),
      rejectOnFailure(testBed.shop.system.failed),
      rejectOnAbort(signal, 'stopped before everything was reconciled'),
    ]);
  } catch (cause) {
    throw new Error(`NOT reconciled: ${errorText(cause)}\nAgain with: ${commandFor(settings)}`, { cause });
  }
}

/** A disk of its own, where one can be mounted: the machine's is not filled. */
async function diskToFill(): Promise<SmallDisk | undefined> {
  const obstacle = await whyNoSmallDisk('file');
  if (obstacle === undefined) return mountSmallDisk(diskMebibytes, 'file');
  tell(`The disk is not filled, because no small one can be mounted: ${obstacle}`);
  return undefined;
}

async function run(testBed: TestBed, settings: Settings): Promise<void> {
  const { buyers, shop } = testBed;
  const startedAt = new Date().toISOString();
  const startMs = performance.now();
  const elapsedMs = () => performance.now() - startMs;
  const shoppers = await buyers.signIn([...hostileNames, 'Ada', 'Grace', 'Edsger', 'Barbara']);
  const recorders = () =>
    shop.system
      .names()
      .filter((name) => name.startsWith(appIds.purchaseService) && !name.endsWith('-sidecar'))
      .map((name) => shop.system.url(name));
  const duplicates = watchCounter('purchase_duplicates_total', recorders);
  let isStopped = false;
  const buying = buySteadily(buyers, shoppers, { perSecond, isStopped: () => isStopped });
  const done: Disturbance[] = [];
  try {
    for (const disturbance of disturbances(settings.seed, targetsIn(testBed))) {
      if (elapsedMs() > settings.minutes * 60_000) break;
      const { kind, target, outageMs, pauseMs } = disturbance;
      tell(`${(elapsedMs() / 1_000).toFixed(1).padStart(7)} s  ${kind} ${target}, ${outageMs} ms`);
      // A purchase that fails permanently ends the run at once.
      await Promise.race([disturb(testBed, disturbance), rejectionOf(buying)]);
      done.push(disturbance);
      await delay(pauseMs);
    }
  } finally {
    isStopped = true;
  }
  const demand = await buying;
  const reconciled = await reconcile(testBed);
  await duplicates[Symbol.asyncDispose]();
  const report: Report = {
    settings,
    startedAt,
    seconds: elapsedMs() / 1_000,
    demand,
    accepted: buyers.acceptedCount,
    retries: buyers.retries,
    duplicatesAbsorbed: duplicates.total(),
    disturbances: done,
    reconciled,
  };
  tell(`\n${reportText(report)}`);
  await save(report);
}

async function save(report: Report): Promise<void> {
  const folder = join(projectRoot, '.data', 'chaos');
  await mkdir(folder, { recursive: true });
  const name = `${report.startedAt.replaceAll(/[:.]/g, '-')}.json`;
  await writeFile(join(folder, name), `${JSON.stringify(report, undefined, 2)}\n`);
  tell(`With every disturbance: .data/chaos/${name}`);
}

/** Never resolves; rejects when the given promise rejects. */
async function rejectionOf(other: Promise<unknown>): Promise<never> {
  await other;
  return new Promise(() => undefined);
}
