import { expect, test } from '@jest/globals';
import { recentHits } from './recent-hits.js';

const hour = 3_600_000;

test('counts the requests of a client, and gives each window one end', async () => {
  const store = recentHits(hour);
  const first = await store.increment('ada');
  await expect(Promise.resolve(store.increment('ada'))).resolves.toEqual({
    totalHits: 2,
    resetTime: first.resetTime,
  });
  expect(await store.get?.('ada')).toMatchObject({ totalHits: 2 });
  expect(await store.get?.('bob')).toBeUndefined();
});

test('starts again when the window has ended', async () => {
  const store = recentHits(0);
  await store.increment('ada');
  expect(await store.get?.('ada')).toBeUndefined();
  expect(await store.increment('ada')).toMatchObject({ totalHits: 1 });
});

test('remembers a bounded number of clients, and forgets those whose last request is oldest', async () => {
  const store = recentHits(hour, 100);
  await store.increment('attacker');
  for (let client = 0; client < 1_000; client += 1) {
    await store.increment(`address ${client}`);
    await store.increment('attacker');
  }
  expect(await store.get?.('attacker')).toMatchObject({ totalHits: 1_001 });
  let known = 0;
  for (let client = 0; client < 1_000; client += 1)
    if ((await store.get?.(`address ${client}`)) !== undefined) known += 1;
  expect(known).toBe(99);
});

test('takes back a request, and forgets one client or all', async () => {
  const store = recentHits(hour);
  await store.increment('ada');
  await store.increment('ada');
  await store.decrement('ada');
  expect(await store.get?.('ada')).toMatchObject({ totalHits: 1 });
  await store.resetKey('ada');
  expect(await store.get?.('ada')).toBeUndefined();
  await store.increment('bob');
  await store.resetAll?.();
  expect(await store.get?.('bob')).toBeUndefined();
});
