import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startLab, type Lab } from './lab.js';
import { removeOutcome, writeOutcome, type PromiseOutcome } from './outcome.js';
import { pairName, parsePair, promiseIds, promises, type PromiseId } from './promises.js';
import { tryPromise } from './try-promise.js';

/** The same for every pair: `npm run test:matrix` names one after the other. */
const pair = parsePair(process.env['CONFORMANCE_PAIR'] ?? '');

const startedWithinMs = 240_000;

/** The longest of them waits for 10,000 purchases, and for remedies when they do not come. */
const triedWithinMs = 900_000;

const outcomes: Partial<Record<PromiseId, PromiseOutcome>> = {};
let lab: Lab | undefined;

beforeAll(async () => {
  await removeOutcome(pair);
  lab = await startLab(pair);
}, startedWithinMs);

afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
  await writeOutcome(pair, outcomes);
}, startedWithinMs);

describe(pairName(pair), () => {
  test.each(promiseIds)(
    '%s',
    async (promise) => {
      if (lab === undefined) throw new Error('the system did not start');
      const outcome = await tryPromise(lab, promise);
      outcomes[promise] = outcome;
      process.stdout.write(`${pairName(pair)} ${promise}: ${outcome.verdict}: ${outcome.seen}\n`);
      expect([promises[promise], outcome]).toEqual([
        promises[promise],
        { ...outcome, verdict: expect.stringMatching(/^(kept|not promised)$/) },
      ]);
    },
    triedWithinMs,
  );
});
