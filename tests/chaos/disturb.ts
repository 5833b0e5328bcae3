import { setTimeout as delay } from 'node:timers/promises';
import { appIds } from '@unity-purchase/contracts';
import type { TestBed } from '../conformance/test-bed.js';
import type { Disturbance, DisturbanceKind, Targets } from './schedule.js';

const services = [appIds.storefront, appIds.purchaseService];
const processes = services.flatMap((appId) => [appId, `${appId}-sidecar`]);

/** The delay added to the sidecar's answers. */
const sidecarDelayMs = 1_500;

/** More writes than happen during an outage, so all of them fail. */
const allWrites = Number.POSITIVE_INFINITY;

/** The targets of disturbances. An embedded store is disturbed with its sidecar. */
export function targetsIn({ brokerServer, storeServer }: TestBed): Targets {
  const servers = [brokerServer.name, ...(storeServer === undefined ? [] : [storeServer.name])];
  return {
    kill: [...processes, ...servers],
    stop: processes,
    freeze: [...processes, ...servers],
    'add-replica': [appIds.purchaseService],
    'slow-sidecar': [appIds.purchaseService],
    'failing-store': [appIds.purchaseService],
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

  'add-replica': async ({ shop: { system } }, target, outageMs) => {
    const before = system.names();
    await system.addReplica({ appId: target });
    await delay(outageMs);
    // A cluster stops a pod in this order: first the service, then its sidecar.
    const added = system.names().filter((name) => !before.includes(name));
    for (const name of added.sort()) await system.process(name).stop();
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
