import { setTimeout as delay } from 'node:timers/promises';
import {
  embeddedPair,
  errorText,
  exitingOnInterrupts,
  obtainFor,
  rejectOnAbort,
  rejectOnFailure,
  runInterruptibly,
  waitUntil,
} from '@unity-purchase/tools';
import { seededRandom } from '../chaos/random.js';
import { signIn, type ShopperClient } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';
import { Answers } from './answers.js';
import { atARate } from './at-a-rate.js';
import { hostileMix, type HostileRequest } from './hostile-mix.js';
import { growthIn, growthText, isLeak, sampleServices, sampleText, type Sample } from './memory.js';
import { HonestRequests } from './honest-requests.js';
import { commandFor, readSettings, type Settings } from './settings.js';

const hostilePerSecond = 30;
const honestPerSecond = 4;
const honestShoppers = 20;
const samplesPerRun = 200;

/** In the first minutes of a process, caches fill and the heap grows to the size that garbage collection keeps. */
const minutesForMemory = 20;

/** How soon everything that the mix has opened is closed again. */
const closedWithinMs = 60_000;

/** Idle connections to the sidecar and the like. */
const openFilesMoreMax = 50;

const tell = (line: string): void => {
  console.log(line);
};

// Work in flight when a run is abandoned would keep this process alive for minutes.
process.exit(await runInterruptibly(() => readSettings(process.argv.slice(2)), main));

async function main(settings: Settings, signal: AbortSignal): Promise<void> {
  await exitingOnInterrupts(() => obtainFor(embeddedPair));
  const again = commandFor(settings);
  tell(`${settings.minutes} minutes of hostile requests; again with: ${again}`);
  try {
    // With the limits that protect a shop, except the one that would answer most of these requests by itself.
    await using shop = await startTestSystem({ env: { apps: { REQUESTS_PER_CLIENT_MAX: '32' } } });
    await Promise.race([
      run(shop, settings),
      rejectOnFailure(shop.system.failed),
      rejectOnAbort(signal, 'stopped before the end'),
    ]);
  } catch (cause) {
    throw new Error(`${errorText(cause)}\nAgain with: ${again}`, { cause });
  }
}

async function run(shop: TestSystem, { minutes, seed }: Settings): Promise<void> {
  const { system, storefront } = shop;
  const shoppers: ShopperClient[] = [];
  for (let index = 0; index < honestShoppers; index += 1) shoppers.push(await signIn(storefront));
  const [first] = shoppers;
  if (first === undefined) throw new Error('no shopper is signed in');
  await first.buy({ sku: 'mug' });
  await first.waitForRecords(1);
  const before = await sampleServices(system);
  const mix = hostileMix(shop, first.cookie, seededRandom(seed));
  const answers = new Answers();
  const honest = new HonestRequests();
  const endMs = performance.now() + minutes * 60_000;
  const isOver = () => performance.now() > endMs;
  const [samples] = await Promise.all([
    sampleUntil(isOver, system, (minutes * 60_000) / samplesPerRun),
    atARate(hostilePerSecond, isOver, async (number) => {
      const { what, send } = mix[number % mix.length] as HostileRequest;
      answers.add(what, await send());
    }),
    atARate(honestPerSecond, isOver, (number) =>
      honest.buyAndRead(shoppers[number % shoppers.length] as ShopperClient),
    ),
  ]);
  await waitUntil(async () => {
    const now = await sampleServices(system);
    const open = now.find(
      ({ openFiles }, index) => openFiles > (before[index]?.openFiles ?? 0) + openFilesMoreMax,
    );
    return open === undefined || `${open.service} still has ${open.openFiles} open files`;
  }, closedWithinMs);
  await honest.buyAndRead(first);
  const growth = growthIn(samples);
  tell([answers.text(), honest.text(), ...growth.map(growthText)].join('\n'));
  const failures = answers.failures();
  if (failures.length > 0) throw new Error(`hostile requests caused failures:\n${failures.join('\n')}`);
  if (minutes < minutesForMemory) {
    tell(
      `No request caused a failure. The run was too short to judge memory: that takes ${minutesForMemory} minutes.`,
    );
    return;
  }
  if (honest.wereStarved()) throw new Error(`honest shoppers waited:\n${honest.text()}`);
  const leaks = growth.filter(isLeak);
  if (leaks.length > 0) throw new Error(`memory grew:\n${leaks.map(growthText).join('\n')}`);
  tell('Memory is flat, and no request caused a failure.');
}

async function sampleUntil(
  isOver: () => boolean,
  system: TestSystem['system'],
  everyMs: number,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  while (!isOver()) {
    const now = await sampleServices(system);
    samples.push(...now);
    if (samples.length % 40 === 0) tell(now.map(sampleText).join('; '));
    await delay(everyMs);
  }
  return samples;
}
