import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestBed, type TestBed } from './test-bed.js';
import { removeOutcome, writeOutcome, type PromiseOutcome } from './outcome.js';
import { everyPromise, everyPromiseId, pairName, parsePair, promiseIds, type PromiseId } from './promises.js';
import { awayMs } from './scenarios.js';
import { tryPromise } from './try-promise.js';

/** The same suite for every pair: `npm run test:matrix` runs it once per pair. */
const pair = parsePair(process.env['CONFORMANCE_PAIR'] ?? '');

/** `npm run test:matrix -- --long` also tries the long promises. */
const triedPromiseIds: PromiseId[] = process.env['CONFORMANCE_LONG'] === 'true' ? everyPromiseId : promiseIds;

const startedWithinMs = 240_000;

/** The longest promise waits for 10,000 purchases or for the broker, and for recovery steps if they are late. */
const triedWithinMs = 900_000 + awayMs;

const outcomes: Partial<Record<PromiseId, PromiseOutcome>> = {};
let testBed: TestBed | undefined;

beforeAll(async () => {
  await removeOutcome(pair);
  testBed = await startTestBed(pair);
}, startedWithinMs);

afterAll(async () => {
  await testBed?.[Symbol.asyncDispose]();
  await writeOutcome(pair, outcomes);
}, startedWithinMs);

describe(pairName(pair), () => {
  test.each(triedPromiseIds)(
    '%s',
    async (promise) => {
      if (testBed === undefined) throw new Error('the system did not start');
      const outcome = await tryPromise(testBed, promise);
      outcomes[promise] = outcome;
      process.stdout.write(`${pairName(pair)} ${promise}: ${outcome.verdict}: ${outcome.seen}\n`);
      expect([everyPromise[promise], outcome]).toEqual([
        everyPromise[promise],
        { ...outcome, verdict: expect.stringMatching(/^(kept|not promised)$/) },
      ]);
    },
    triedWithinMs,
  );
});
