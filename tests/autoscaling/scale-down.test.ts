import { expect, test } from '@jest/globals';
import type { Expectations, Step } from './expectations.js';
import type { Observations, Sample } from './observations.js';
import { expectScaleDown } from './scale-down.js';

/** The storefront's replicas at each second from 0 on. */
const judged = async (replicas: readonly number[]): Promise<boolean[]> => {
  const samples: Sample[] = [];
  const observations: Observations = {
    samples,
    seconds: () => samples.length,
    latest: () => {
      throw new Error('not asked');
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const steps: Omit<Step, 'service'>[] = [];
  const expectations: Pick<Expectations, 'becomes' | 'note'> = {
    becomes: () => {
      replicas.forEach((wanted, seconds) =>
        samples.push({
          seconds,
          replicas: { storefront: { wanted, ready: wanted }, 'purchase-service': { wanted: 2, ready: 2 } },
          sentRate: 0,
          measuredRate: 0,
          lag: 0,
        }),
      );
      return Promise.resolve();
    },
    note: (step) => steps.push(step),
  };
  const rules = { windowSeconds: 30, periodSeconds: 10 };
  await expectScaleDown('storefront', expectations, observations, rules, {
    from: 4,
    least: 2,
    when: 'quiet',
  });
  return steps.map(({ isMet }) => isMet);
};

const after = (counts: readonly [replicas: number, seconds: number][]): number[] =>
  counts.flatMap(([replicas, seconds]) => Array.from({ length: seconds }, () => replicas));

test('pods that stop one by one after the window meet the expectation', async () => {
  expect(
    await judged(
      after([
        [4, 35],
        [3, 12],
        [2, 5],
      ]),
    ),
  ).toEqual([true, true]);
});

test('a pod that stops within the window is reported', async () => {
  expect(
    await judged(
      after([
        [4, 5],
        [3, 12],
        [2, 5],
      ]),
    ),
  ).toEqual([false, true]);
});

test('pods that stop too soon after each other are reported', async () => {
  expect(
    await judged(
      after([
        [4, 35],
        [3, 3],
        [2, 5],
      ]),
    ),
  ).toEqual([true, false]);
});

test('two pods that stop at once are reported', async () => {
  expect(
    await judged(
      after([
        [4, 35],
        [2, 5],
      ]),
    ),
  ).toEqual([true, false]);
});
