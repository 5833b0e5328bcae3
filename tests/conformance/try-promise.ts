import { toError } from '@unity-purchase/service-kit';
import type { Lab } from './lab.js';
import type { PromiseOutcome } from './outcome.js';
import { whyNotPromised, type PromiseId } from './promises.js';
import { scenarios } from './scenarios.js';

/** How long everything accepted may take to be recorded after an outage: brokers wait before they deliver again. */
const patienceMs = { promised: 120_000, notPromised: 40_000 };

/** How long is waited for each remedy. */
const remedyWithinMs = 60_000;

/**
 * Tries a promise, also one that the pair does not make: then what was seen is told, whatever it is. Afterwards the lab is
 * fit for the next promise.
 */
export async function tryPromise(lab: Lab, promise: PromiseId): Promise<PromiseOutcome> {
  const why = whyNotPromised(lab.pair, promise);
  try {
    const seen = await scenarios[promise](lab, patienceMs[why === undefined ? 'promised' : 'notPromised']);
    return why === undefined
      ? { verdict: 'kept', seen }
      : { verdict: 'not promised', seen: `this time: ${seen}` };
  } catch (thrown) {
    // What was seen first is the cause of whatever no remedy helps against.
    const remedies = await recover(lab).catch((error: unknown) => [`then ${toError(error).message}`]);
    const seen = [toError(thrown).message, ...remedies].join('; ');
    return { verdict: why === undefined ? 'broken' : 'not promised', seen };
  }
}

/** Restarts what may hold events back, first the consumer and then the broker, and says what it took, if anything. */
async function recover(lab: Lab): Promise<string[]> {
  const isRecorded = (withinMs: number) =>
    lab.buyers.waitUntilRecorded(withinMs).then(
      () => true,
      () => false,
    );
  if (await isRecorded(0)) return [];
  await lab.stopConsumer();
  await lab.startConsumer();
  if (await isRecorded(remedyWithinMs)) return ['recorded after a restart of the consumer'];
  await lab.brokerServer.kill();
  await lab.brokerServer.start();
  if (await isRecorded(remedyWithinMs)) return ['recorded after a restart of the broker'];
  return [`${await lab.buyers.writeOffLost()} accepted purchases are lost`];
}
