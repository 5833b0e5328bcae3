import { purchaseIdTimeMs, purchasePlaced, shopperKey } from '@unity-purchase/contracts';
import { earlierShopper, purchaseAt } from './earlier-shop.js';
import { clockDifferenceMaxMs } from '@unity-purchase/numbered-log';
import type { Recorder } from './recorder.js';
import { purchaseIdAt } from './shop.js';
import { startMs, type Scene } from './schedule.js';

/** State calls that recording or finding may take, besides one for each 100 purchases around the id's time. */
const recordingCallsMax = 8;
const findingCallsMax = 12;
const purchasesPerCall = 100;

/** "Around the id's time": the purchases from this long before to this long after it. */
const aroundMs = 45 * 60_000;

/** An export or erasure takes at most this many calls, and as many for each purchase of the shopper, whatever others bought. */
const shopperCallsMax = 150;
const shopperCallsPerPurchase = 12;

/** Measures what single operations cost in a quiet system, in a process that remembers nothing and in one that does. */
export async function checkCosts(scene: Scene): Promise<void> {
  const { world, earlier, ledger, recorders } = scene;
  const [recorder] = recorders;
  // What an older version recorded late has no marker: finding it takes as many calls as it did then.
  if (
    recorder === undefined ||
    earlier === 'older version' ||
    !world.choices.chance(earlier === 'empty' ? 0.1 : 0.7)
  )
    return;
  const { nowMs } = world;
  const ageMs = world.choices.oneOf([0, 30 * 60_000, 12 * 60 * 60_000, 24 * 60 * 60_000 - 60_000]);
  const createdAtMs = (earlier === 'empty' ? nowMs : Math.min(nowMs, startMs)) - ageMs;
  const purchase = {
    ...purchaseAt(0xffffff, createdAtMs, 100, 'EUR'),
    // Placed now, so that no earlier erasure applies.
    placedAt: new Date(nowMs + 2 * clockDifferenceMaxMs).toISOString(),
  };
  const key = shopperKey(earlierShopper);
  const around = purchasesAround(scene, createdAtMs);
  const isCold = world.choices.chance(0.5);
  if (isCold) recorder.restart();
  ledger.add(purchase, nowMs);

  const recording = await measure(scene, recorder, async (process) => {
    const outcome = await process.takePurchase({ event: purchasePlaced(purchase) });
    if (outcome !== 'SUCCESS') throw new Error(`the outcome is ${outcome}`);
  });
  limit(scene, 'recording takes a bounded number of calls', recording, recordingCallsMax, around);
  for (const unknown of [purchase.purchaseId, purchaseIdAt(createdAtMs, 0xfffffe)]) {
    const finding = await measure(scene, recorder, (process) =>
      process.dependencies.history.find(key, unknown),
    );
    limit(scene, 'finding takes a bounded number of calls', finding, findingCallsMax, around);
  }
  if (earlier !== 'busy journal' && earlier !== 'empty') return;
  const own = ledger.ids.length;
  const erasing = await measure(scene, recorder, (process) => process.dependencies.shopperRecords.erase(key));
  if (erasing !== undefined)
    world.limited(
      'the cost of an erasure depends on the shopper alone',
      { used: erasing, allowed: shopperCallsMax + shopperCallsPerPurchase * own },
      `${erasing} calls for at most ${own} purchases`,
    );
}

function limit(
  { world }: Scene,
  promise: string,
  calls: number | undefined,
  max: number,
  around: number,
): void {
  if (calls === undefined) return;
  const allowed = max + Math.ceil(around / purchasesPerCall);
  world.limited(
    promise,
    { used: calls, allowed },
    `${calls} calls instead of ${allowed}, with ${around} purchases around`,
  );
}

/** How many calls an operation takes when nothing else happens; undefined if it fails. */
async function measure(
  { world }: Scene,
  recorder: Recorder,
  work: (process: Recorder['process']) => Promise<unknown>,
): Promise<number | undefined> {
  const { process } = recorder;
  const before = process.usage.calls;
  try {
    await world.until(work(process));
  } catch (thrown) {
    world.violated(
      'everything works when the store is healthy',
      thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown),
    );
    return undefined;
  }
  return process.usage.calls - before;
}

function purchasesAround({ earlier, ledger }: Scene, timeMs: number): number {
  const times = ledger.orders.map(({ purchase }) => purchaseIdTimeMs(purchase.purchaseId));
  // The busy shopper bought every 29 seconds.
  const ofEarlier = earlier === 'busy shopper' ? Math.ceil((2 * aroundMs) / 28_000) : 0;
  return ofEarlier + times.filter((ms = -Infinity) => Math.abs(ms - timeMs) <= aroundMs).length;
}
