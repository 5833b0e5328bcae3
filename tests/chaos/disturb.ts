import { setTimeout as delay } from 'node:timers/promises';
import { appIds } from '@unity-purchase/contracts';
import type { Lab } from '../conformance/lab.js';
import type { Disturbance, DisturbanceKind, Targets } from './schedule.js';

const services = [appIds.storefront, appIds.purchaseService];
const processes = services.flatMap((appId) => [appId, `${appId}-sidecar`]);

/** How much later than the sidecar its answers come. */
const sidecarDelayMs = 1_500;

/** More writes than are made during an outage: all of them fail. */
const allWrites = Number.POSITIVE_INFINITY;

/** What can be disturbed in a lab. A store that lives in the sidecar dies with that. */
export function targetsIn({ brokerServer, storeServer }: Lab): Targets {
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

/** Does it, waits for as long as it lasts, and resolves when everything is well again; rejects when it does not become so. */
export async function disturb(lab: Lab, { kind, target, outageMs }: Disturbance): Promise<void> {
  await ways[kind](lab, target, outageMs);
}

const ways: Record<DisturbanceKind, (lab: Lab, target: string, outageMs: number) => Promise<void>> = {
  kill: (lab, target, outageMs) => lab.killAndRestart(target, outageMs),

  stop: async ({ shop: { system } }, target, outageMs) => {
    await system.process(target).stop();
    await delay(outageMs);
    await system.process(target).start();
    await system.waitUntilReady(target);
  },

  freeze: async (lab, target, outageMs) => {
    const { system } = lab.shop;
    const frozen = (serverOf(lab, target)?.processNames ?? [target]).map((name) => system.process(name));
    const signalAll = (signal: NodeJS.Signals) => () => {
      for (const process of frozen) process.kill(signal);
    };
    await during(outageMs, signalAll('SIGSTOP'), signalAll('SIGCONT'));
    if (serverOf(lab, target) === undefined) await system.waitUntilReady(target);
  },

  'add-replica': async ({ shop: { system } }, target, outageMs) => {
    const before = system.names();
    await system.addReplica({ appId: target });
    await delay(outageMs);
    // As a cluster ends a pod: first the service, then its sidecar.
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

/** Begins something and ends it after an outage, whatever happens. */
async function during(outageMs: number, begin: () => void, end: () => void): Promise<void> {
  begin();
  try {
    await delay(outageMs);
  } finally {
    end();
  }
}

function serverOf({ brokerServer, storeServer }: Lab, name: string) {
  return [brokerServer, storeServer].find((server) => server?.name === name);
}
