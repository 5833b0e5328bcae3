import { setTimeout as delay } from 'node:timers/promises';
import { appIds } from '@unity-purchase/contracts';
import { waitUntil, type AppInstance } from '@unity-purchase/tools';
import { recordedCountOf } from '../conformance/buyers.js';
import type { TestBed } from '../conformance/test-bed.js';
import { canSendSlowBodies, sendSlowBodies } from './slow-bodies.js';
import { environmentWithClock } from './wrong-clock.js';
import type { Disturbance, DisturbanceKind, Targets } from './schedule.js';

const services = [appIds.storefront, appIds.purchaseService];
const processes = services.flatMap((appId) => [appId, `${appId}-sidecar`]);

/** The delay added to the sidecar's answers. */
const sidecarDelayMs = 1_500;

/** How wrong clocks are. */
const clockOffsetMs = 30_000;

/** How soon the shop sells after an outage. */
const sellsWithinMs = 30_000;

/** A server that ended because the disk was full reads its data first when there is room. */
const withRoomWithinMs = 60_000;

/**
 * How soon a purchase made after a full disk is recorded. JetStream waits up to two minutes before it sends an event again that has
 * failed four times (backOff), and events that wait hold up those behind them.
 */
const recordedWithRoomWithinMs = 180_000;

/** More writes than happen during an outage, so all of them fail. */
const allWrites = Number.POSITIVE_INFINITY;

/** The targets of disturbances. An embedded store is disturbed with its sidecar. */
export function targetsIn({ brokerServer, storeServer, disk }: TestBed): Targets {
  const servers = [brokerServer.name, ...(storeServer === undefined ? [] : [storeServer.name])];
  return {
    kill: [...processes, ...servers],
    stop: processes,
    freeze: [...processes, ...servers],
    'add-replica': [appIds.purchaseService],
    'wrong-clock': [appIds.purchaseService],
    'slow-sidecar': [appIds.purchaseService],
    'failing-store': [appIds.purchaseService],
    'hanging-store': [appIds.purchaseService],
    'broker-away': [brokerServer.name],
    'full-disk': disk === undefined ? [] : ['the disk'],
    'slow-bodies': canSendSlowBodies ? [appIds.storefront] : [],
  };
}

/** Applies a disturbance for its duration. Resolves when the system is healthy again; rejects if it does not recover. */
export async function disturb(testBed: TestBed, { kind, target, outageMs }: Disturbance): Promise<void> {
  await ways[kind](testBed, target, outageMs);
}

const ways: Record<DisturbanceKind, (testBed: TestBed, target: string, outageMs: number) => Promise<void>> = {
  kill: (testBed, target, outageMs) => testBed.killAndRestart(target, outageMs),

  stop: async ({ shop: { system } }, target, outageMs) => {
    await system.process(target).stop();
    await delay(outageMs);
    await system.process(target).start();
    await system.waitUntilReady(target);
  },

  freeze: async (testBed, target, outageMs) => {
    const { system } = testBed.shop;
    const frozen = (serverOf(testBed, target)?.processNames ?? [target]).map((name) => system.process(name));
    const signalAll = (signal: NodeJS.Signals) => () => {
      for (const process of frozen) process.kill(signal);
    };
    await during(outageMs, signalAll('SIGSTOP'), signalAll('SIGCONT'));
    if (serverOf(testBed, target) === undefined) await system.waitUntilReady(target);
  },

  'add-replica': (testBed, target, outageMs) => addReplica(testBed, { appId: target }, outageMs),

  'wrong-clock': (testBed, target, outageMs) => {
    const aheadMs = outageMs % 2 === 0 ? clockOffsetMs : -clockOffsetMs;
    return addReplica(testBed, { appId: target, env: environmentWithClock(aheadMs) }, outageMs);
  },

  'broker-away': async (testBed, target, outageMs) => {
    await testBed.killAndRestart(target, outageMs);
    await untilSomeoneBuys(testBed);
  },

  'hanging-store': ({ faults }, _target, outageMs) =>
    during(outageMs, faults.holdStateCalls, faults.releaseStateCalls),

  'full-disk': async (testBed, _target, outageMs) => {
    const { disk } = testBed;
    if (disk === undefined) throw new TypeError('there is no disk to fill');
    await disk.fill();
    await delay(outageMs);
    await disk.free();
    await untilSomeoneBuys(testBed, withRoomWithinMs);
    await untilRecorded(testBed, recordedWithRoomWithinMs);
  },

  'slow-bodies': async (testBed, target, outageMs) => {
    await using _bodies = await sendSlowBodies(testBed.shop.system.url(target));
    await delay(outageMs);
    await untilSomeoneBuys(testBed);
  },

  'slow-sidecar': ({ faults }, _target, outageMs) =>
    during(
      outageMs,
      () => {
        faults.delayAnswers(sidecarDelayMs);
      },
      () => {
        faults.delayAnswers(0);
      },
    ),

  'failing-store': ({ faults }, _target, outageMs) =>
    during(
      outageMs,
      () => {
        faults.failWrites(allWrites);
      },
      () => {
        faults.failWrites(0);
      },
    ),
};

/** Adds a replica for the duration of the outage. */
async function addReplica(
  { shop: { system } }: TestBed,
  instance: AppInstance,
  outageMs: number,
): Promise<void> {
  const before = system.names();
  await system.addReplica(instance);
  await delay(outageMs);
  // A cluster stops a pod in this order: first the service, then its sidecar.
  const added = system.names().filter((name) => !before.includes(name));
  for (const name of added.sort()) await system.process(name).stop();
}

/** Resolves when a purchase has been accepted since now. */
async function untilSomeoneBuys({ buyers }: TestBed, withinMs = sellsWithinMs): Promise<void> {
  const before = buyers.acceptedCount;
  await waitUntil(() => buyers.acceptedCount > before || 'no purchase is accepted', withinMs);
}

/** Resolves when a purchase that is made now is recorded, so that the store works, too. */
async function untilRecorded({ buyers }: TestBed, withinMs: number): Promise<void> {
  for (const shopper of await buyers.signIn(['Margaret'])) {
    await buyers.buy(shopper);
    await waitUntil(
      async () => (await recordedCountOf(shopper)) > 0 || 'a purchase made after the outage is not recorded',
      withinMs,
    );
  }
}

/** Starts something and ends it after the outage, even on failure. */
async function during(outageMs: number, begin: () => void, end: () => void): Promise<void> {
  begin();
  try {
    await delay(outageMs);
  } finally {
    end();
  }
}

function serverOf({ brokerServer, storeServer }: TestBed, name: string) {
  return [brokerServer, storeServer].find((server) => server?.name === name);
}
