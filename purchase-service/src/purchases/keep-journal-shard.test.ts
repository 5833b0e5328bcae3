import { expect, jest, test } from '@jest/globals';
import { keepJournalShard } from './keep-journal-shard.js';

test('claims a shard at once, claims again after a failure, and releases it at the end', async () => {
  const steps: string[] = [];
  const warn = jest.fn();
  let claimed: () => void = () => undefined;
  const claimedThrice = new Promise<void>((resolve) => (claimed = resolve));
  const journal = {
    claimShard: () => {
      steps.push('claim');
      if (steps.length === 3) claimed();
      return steps.length === 1 ? Promise.reject(new Error('the store is away')) : Promise.resolve();
    },
    releaseShard: () => {
      steps.push('release');
      return Promise.reject(new Error('the sidecar has gone'));
    },
  };
  const end = keepJournalShard(journal, { warn }, 1);
  expect(steps).toEqual(['claim']);
  await claimedThrice;
  await end();
  expect(new Set(steps.slice(0, -1))).toEqual(new Set(['claim']));
  expect(steps.at(-1)).toBe('release');
  const count = steps.length;
  await end();
  expect(steps.filter((step) => step === 'claim')).toHaveLength(count - 1);
  expect(warn.mock.calls.map(([details]) => details)).toMatchObject([
    { err: { message: 'the store is away' } },
    { err: { message: 'the sidecar has gone' } },
    { err: { message: 'the sidecar has gone' } },
  ]);
});

test('ends although the store hangs', async () => {
  const hangs = () => new Promise<void>(() => undefined);
  await keepJournalShard({ claimShard: hangs, releaseShard: hangs }, { warn: jest.fn() })();
});
