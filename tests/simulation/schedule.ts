import { purchasePlaced, type Purchase } from '@unity-purchase/contracts';
import type { Choices } from './choices.js';
import { BusyHour } from './busy-hour.js';
import { checkCosts } from './check-costs.js';
import { checkMemory } from './check-memory.js';
import { checkAudit, checkDiscards } from './check-operators.js';
import { checkRecords } from './check-records.js';
import type { Costs } from './costs.js';
import { earlierShopper, earlierShops, fillStore, type EarlierShop } from './earlier-shop.js';
import { chooseFaults, noFaults, type Faults } from './faults.js';
import { Ledger } from './ledger.js';
import { Operator } from './operator.js';
import { Recorder } from './recorder.js';
import { possibleShoppers, Shop } from './shop.js';
import { SimulatedBroker } from './simulated-broker.js';
import { SimulatedStore } from './simulated-store.js';
import { StoredValues } from './stored-values.js';
import { World, type Violation } from './world.js';

export type ScheduleResult = {
  violations: readonly Violation[];
  choices: readonly number[];
  costs: Costs;
};

/** Everything that one schedule consists of. */
export type Scene = {
  world: World;
  values: StoredValues;
  store: SimulatedStore;
  broker: SimulatedBroker;
  ledger: Ledger;
  recorders: readonly Recorder[];
  shop: Shop;
  operator: Operator;
  /** In some schedules, shoppers also buy much at a time. */
  busyHour: BusyHour | undefined;
  earlier: EarlierShop;
  /** Purchases that were recorded before the schedule began, and whose events can be delivered again. */
  earlierPurchases: readonly Purchase[];
};

/** When every schedule begins. */
export const startMs = Date.UTC(2026, 0, 15, 12);

/** Clocks are up to ten minutes apart. */
const clockOffsetsMs = [0, 5 * 60_000, -5 * 60_000, 30_000, -30_000];

const pausesMs = [1_000, 20_000, 60_000, 12 * 60_000, 45 * 60_000, 5 * 60 * 60_000, 20 * 24 * 60 * 60_000];

/** How often a schedule begins in a shop that had customers before: those cost more time to simulate. */
const earlierShare = 0.04;

/** How often shoppers also buy much at a time, and how much: more than the tail of a history that a writer reads. */
const busyShare = 0.05;
const busyCounts = [40, 20, 100];

/** Operators replay dead letters at most this often in a row. */
const replayRoundsMax = 3;

/** Runs one schedule: shoppers, faults and operators; then everything heals; then all promises are checked. */
export async function runSchedule(choices: Choices, trace?: (line: string) => void): Promise<ScheduleResult> {
  const world = new World(choices, startMs, trace);
  try {
    const scene = openScene(world);
    await disturb(scene, chooseFaults(choices));
    await heal(scene);
    await checkMemory(scene);
    checkAudit(scene);
    await checkRecords(scene);
    await checkCosts(scene);
  } catch (thrown) {
    world.violated('the schedule ends', thrown instanceof Error ? thrown.message : String(thrown));
  }
  return { violations: world.violations, choices: choices.made, costs: world.costs };
}

function openScene(world: World): Scene {
  const { choices } = world;
  const earlier: EarlierShop = choices.chance(earlierShare) ? choices.oneOf(earlierShops) : 'empty';
  const values = new StoredValues();
  const earlierPurchases = fillStore(values, earlier, startMs);
  const store = new SimulatedStore(world, values);
  const ledger = new Ledger();
  const broker = new SimulatedBroker({ world, ledger });
  const recorders = Array.from(
    { length: 1 + choices.below(3) },
    (_, index) =>
      new Recorder(`recorder-${index + 1}`, { world, store, broker }, choices.oneOf(clockOffsetsMs)),
  );
  broker.deliverTo(recorders);
  const shoppers = [earlierShopper, choices.oneOf(possibleShoppers)].slice(0, 1 + choices.below(2));
  const clocksAheadMs = [choices.oneOf(clockOffsetsMs), choices.oneOf(clockOffsetsMs)];
  const shop = new Shop({ world, broker, ledger }, { shoppers, clocksAheadMs });
  const operator = new Operator({ world, ledger, recorders });
  const busyHour = choices.chance(busyShare) ? new BusyHour({ world, values, store, ledger }) : undefined;
  world.tell(
    () =>
      `${earlier} shop, ${recorders.length} recorders, clocks ahead by ${JSON.stringify({
        recorders: recorders.map(({ process }) => process.clockAheadMs / 1000),
        shops: clocksAheadMs.map((ms) => ms / 1000),
      })}`,
  );
  return {
    world,
    values,
    store,
    broker,
    ledger,
    recorders,
    shop,
    operator,
    busyHour,
    earlier,
    earlierPurchases,
  };
}

async function disturb(scene: Scene, faults: Faults): Promise<void> {
  const { world, store, broker, recorders, shop, operator, busyHour, earlier, earlierPurchases } = scene;
  const { choices } = world;
  store.faults = faults;
  broker.faults = faults;
  const isErasing = choices.chance(0.35) && (earlier === 'empty' || earlier === 'busy journal');
  const isPoisoned = choices.chance(0.15);
  const isAwayAtTimes = choices.chance(0.15);
  for (let action = 1 + choices.below(14); action > 0; action -= 1) {
    if (choices.chance(0.2)) shop.buyAgain();
    else shop.buy();
    if (isErasing && choices.chance(0.15)) operator.erase(choices.oneOf(shop.shoppers));
    if (isPoisoned && choices.chance(0.3)) shop.publishPoison();
    if (isAwayAtTimes && choices.chance(0.3)) store.isAway = !store.isAway;
    if (earlierPurchases.length > 0 && choices.chance(0.3))
      broker.add('purchases', JSON.stringify(purchasePlaced(choices.oneOf(earlierPurchases))));
    if (choices.chance(0.1)) await decideAboutDeadLetters(scene);
    if (choices.chance(0.1))
      void choices
        .oneOf(recorders)
        .dependencies.journal.claimShard()
        .catch(() => undefined);
    if (busyHour !== undefined && choices.chance(0.3))
      await busyHour.record(choices.oneOf(shop.shoppers), choices.oneOf(busyCounts));
    for (let steps = choices.below(60); steps > 0; steps -= 1) {
      if (choices.chance(faults.restarts)) choices.oneOf(recorders).restart();
      await world.step();
    }
    if (choices.chance(0.3)) await world.pass(choices.oneOf(pausesMs));
  }
}

/** One operator replays some dead letters and discards others; meanwhile everything continues. */
async function decideAboutDeadLetters({ world, operator, recorders }: Scene): Promise<void> {
  const { choices } = world;
  const recorder = choices.oneOf(recorders);
  const { process } = recorder;
  const decisionAbout = () => (choices.chance(0.2) ? 'discard' : choices.chance(0.7) ? 'replay' : 'nothing');
  const deciding = operator.decide(recorder, decisionAbout).catch(() => 0);
  const ended = new Promise<number>((resolve) =>
    process.onEnd.push(() => {
      resolve(0);
    }),
  );
  await world.until(Promise.race([deciding, ended]));
}

/** Ends all disturbances and lets everything finish. Operators replay what the broker gave up on. */
async function heal(scene: Scene): Promise<void> {
  const { world, store, broker, recorders, operator, ledger, shop, busyHour } = scene;
  world.tell(() => 'from here on, nothing goes wrong');
  store.faults = noFaults;
  broker.faults = noFaults;
  store.isAway = false;
  for (const recorder of recorders) if (world.choices.chance(0.5)) recorder.restart();
  await world.settle();
  for (const shopperId of shop.shoppers) if (ledger.isErasureOpen(shopperId)) operator.erase(shopperId);
  await world.settle();
  await checkDiscards(scene);
  for (let round = 1; round <= replayRoundsMax; round += 1) {
    const replayed = await world
      .until(operator.decide(recorders[0] as Recorder, () => 'replay'))
      .catch((thrown: unknown) => {
        world.violated('operators can replay dead letters', String(thrown));
        return 0;
      });
    await world.settle();
    if (replayed === 0) break;
  }
  // What was recorded late is now far from the end of the history.
  if (busyHour !== undefined)
    for (const shopperId of shop.shoppers) await busyHour.record(shopperId, Math.max(...busyCounts));
  // The broker delivers everything once more, to processes that remember nothing.
  for (const recorder of recorders) recorder.restart();
  if (world.choices.chance(0.5)) for (const text of broker.purchaseTexts) broker.add('purchases', text);
  await world.settle();
}
