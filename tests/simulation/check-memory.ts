import { purchasePlaced } from '@unity-purchase/contracts';
import { purchaseAt } from './earlier-shop.js';
import type { Scene } from './schedule.js';

/** A writer remembers at most what it has read or recorded within this time: longer than any log's definition says. */
const rememberedMs = 2 * 60 * 60_000;

/** The first number of these purchases: no other purchase id in a schedule has one of these. */
const firstNumber = 0x300_000;

/** A segment of a history or of the journal counts for itself and for its entries: rarely more than one. */
const perSegment = 2;

/** For the end of each log, which stays in memory. One segment may have many entries. */
const perLog = 100;

/**
 * A writer forgets. After some hours, a replica records one purchase of each shopper: after that, it remembers no more than it has
 * read for them, however much it has seen before.
 */
export async function checkMemory({ world, ledger, recorders, shop, earlier }: Scene): Promise<void> {
  const [recorder] = recorders;
  // A large segment by an older version or by many shoppers at once counts for more.
  if (recorder === undefined || earlier !== 'empty' || !world.choices.chance(0.3)) return;
  await world.pass(rememberedMs);
  const { process } = recorder;
  const { history, journal } = process.dependencies;
  const before = process.usage.keysRead;
  for (const [index, shopperId] of shop.shoppers.entries()) {
    const purchase = {
      ...purchaseAt(firstNumber + index, world.nowMs + process.clockAheadMs, 100, 'EUR'),
      shopper: { id: shopperId, name: 'A shopper' },
    };
    ledger.add(purchase, world.nowMs).isAccepted = true;
    const outcome = await world.until(process.takePurchase({ event: purchasePlaced(purchase) }));
    if (outcome !== 'SUCCESS') world.violated('everything works when the store is healthy', outcome);
  }
  const allowed = perSegment * (process.usage.keysRead - before) + perLog * (shop.shoppers.length + 1);
  const remembered = history.remembered + journal.remembered;
  world.limited(
    'writers forget',
    { used: remembered, allowed },
    `${remembered} ids and segments instead of ${allowed}`,
  );
}
