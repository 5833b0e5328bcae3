import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { shardCount } from './journal-place.js';
import { claimMs, JournalShard } from './journal-shard.js';

let store: MemoryLogStore;
let nowMs: number;

beforeEach(() => {
  store = new MemoryLogStore();
  nowMs = Date.UTC(2026, 0, 1);
});

const open = (name: string) => new JournalShard(store, () => new Date(nowMs), name);

/** Replicas that all claim a shard at the same time. */
async function claimTogether(count: number): Promise<JournalShard[]> {
  const replicas = Array.from({ length: count }, (_, index) => open(`replica-${index}`));
  await Promise.all(replicas.map((replica) => replica.claim()));
  return replicas;
}

const numbersOf = (replicas: readonly JournalShard[]) => replicas.map(({ number }) => number);

describe('JournalShard', () => {
  test.each([2, 10, shardCount])(
    'gives each of %i replicas that start at once its own shard',
    async (count) => {
      expect(new Set(numbersOf(await claimTogether(count))).size).toBe(count);
    },
  );

  test('lets replicas share shards only when none is free', async () => {
    const replicas = await claimTogether(shardCount + 4);
    expect(new Set(numbersOf(replicas)).size).toBe(shardCount);
  });

  test('keeps the shard of a replica that renews its claim, also after its process was restarted', async () => {
    const [one] = await claimTogether(1);
    const kept = one?.number;
    for (let renewal = 0; renewal < 10; renewal += 1) {
      nowMs += claimMs / 2;
      await one?.claim();
      expect(one?.number).toBe(kept);
    }
    const restarted = open('replica-0');
    await restarted.claim();
    expect(restarted.number).toBe(kept);
  });

  test('gives the shard of a replica that died to another one, and the replica another shard if it lives on', async () => {
    const replicas = await claimTogether(shardCount);
    const [died, ...others] = replicas;
    nowMs += claimMs / 2;
    for (const other of others) await other.claim();
    nowMs += claimMs / 2;
    const newcomer = open('newcomer');
    await newcomer.claim();
    expect(newcomer.number).toBe(died?.number);
    await others[0]?.release();
    await died?.claim();
    expect(died?.number).toBe(others[0]?.number);
  });

  test('releases only its own claim', async () => {
    const [one, other] = await claimTogether(2);
    await one?.release();
    await one?.release();
    expect([...store.values.keys()]).toEqual([`journal-shard:${other?.number}`]);
  });

  test('takes a claim that nobody can read, and writes names of any characters', async () => {
    for (let shard = 0; shard < shardCount; shard += 1)
      store.values.set(`journal-shard:${shard}`, '{"version":2}');
    const replica = open('Zoë 🙂');
    await replica.claim();
    const text = store.values.get(`journal-shard:${replica.number}`) ?? '';
    expect(text).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(text)).toMatchObject({ holder: 'Zoë 🙂' });
  });

  test('appends to the shard of its name while the store cannot be asked', async () => {
    const replica = open('replica-0');
    const { number } = replica;
    store.readFaults = 1;
    await expect(replica.claim()).rejects.toThrow('the store is unavailable');
    expect(replica.number).toBe(number);
    await replica.claim();
    expect(replica.number).toBe(number);
  });
});
