import { expect, test } from '@jest/globals';
import { patiently } from './patiently.js';

function failing(times: number) {
  const calls = { count: 0 };
  const work = () => {
    calls.count += 1;
    return calls.count <= times
      ? Promise.reject(new Error(`failure ${calls.count}`))
      : Promise.resolve('done');
  };
  return { calls, work };
}

test('work that fails and then succeeds is repeated until it does', async () => {
  const { calls, work } = failing(2);
  expect(await patiently(work, [0, 0, 0])).toBe('done');
  expect(calls.count).toBe(3);
});

test('work that fails every time ends with its last failure', async () => {
  await expect(patiently(failing(9).work, [0, 0])).rejects.toThrow('failure 3');
});
