import { toError } from '@unity-purchase/service-kit';
import type { TestBed } from './test-bed.js';
import type { PromiseOutcome } from './outcome.js';
import { whyNotPromised, type PromiseId } from './promises.js';
import { scenarios } from './scenarios.js';

/** How long recording may take after an outage: brokers wait before they redeliver. */
const timeoutMs = { promised: 120_000, notPromised: 40_000 };

/** How long each recovery step may take. */
const remedyWithinMs = 60_000;

/**
 * Tests a promise, also one that the pair cannot keep: then it only reports the observation. Afterwards the system is ready
 * for the next promise.
 */
export async function tryPromise(testBed: TestBed, promise: PromiseId): Promise<PromiseOutcome> {
  const why = whyNotPromised(testBed.pair, promise, testBed.dapr);
  try {
    const seen = await scenarios[promise](testBed, timeoutMs[why === undefined ? 'promised' : 'notPromised']);
    return why === undefined
      ? { verdict: 'kept', seen }
      : { verdict: 'not promised', seen: `in this run: ${seen}` };
  } catch (thrown) {
    // The first failure is the cause, whatever happens during recovery.
    const remedies = await recover(testBed).catch((error: unknown) => [`then ${toError(error).message}`]);
    const seen = [toError(thrown).message, ...remedies].join('; ');
    return { verdict: why === undefined ? 'broken' : 'not promised', seen };
  }
}

/** Restarts the consumer, then the broker, until held-back events are recorded. Returns the steps it took. */
async function recover(testBed: TestBed): Promise<string[]> {
  const isRecorded = (withinMs: number) =>
    testBed.buyers.waitUntilRecorded(withinMs).then(
      () => true,
      () => false,
    );
  if (await isRecorded(0)) return [];
  await testBed.stopConsumer();
  await testBed.startConsumer();
  if (await isRecorded(remedyWithinMs)) return ['recorded after a restart of the consumer'];
  await testBed.brokerServer.kill();
  await testBed.brokerServer.start();
  if (await isRecorded(remedyWithinMs)) return ['recorded after a restart of the broker'];
  return [`${await testBed.buyers.discardLost()} accepted purchases are lost`];
}
