import { describe, expect, test } from '@jest/globals';
import { currentLane, inLane } from './lanes.js';
import { shareReads } from './share-reads.js';

/** Reads keys whose values are their names in capitals; keys with a dash do not exist. */
function setUp(keysMax = 10) {
  const calls: string[] = [];
  const read = shareReads<string>((keys, signal) => {
    calls.push(`${currentLane() ?? 'no lane'}: ${keys.join()}`);
    if (signal?.aborted === true) return Promise.reject(new Error('cancelled'));
    if (keys.includes('broken')) return Promise.reject(new Error('the store is unavailable'));
    return Promise.resolve(
      new Map(keys.filter((key) => !key.includes('-')).map((key) => [key, key.toUpperCase()])),
    );
  }, keysMax);
  return { calls, read: (keys: string[], signal?: AbortSignal) => read(keys, signal) };
}

describe('shareReads', () => {
  test('makes one call for the reads of a turn, and gives each one its own keys', async () => {
    const { calls, read } = setUp();
    const found = await Promise.all([read(['a', 'b']), read(['b', 'not-there']), read(['c'])]);
    expect(calls).toEqual(['no lane: a,b,not-there,c']);
    expect(found.map((each) => Object.fromEntries(each))).toEqual([
      { a: 'A', b: 'B' },
      { b: 'B' },
      { c: 'C' },
    ]);
  });

  test('also shares a call between reads that follow from the same answer some promises later', async () => {
    const { calls, read } = setUp();
    const chain = async (first: string, second: string, promises: number) => {
      await read([first]);
      for (let count = 0; count < promises; count += 1) await Promise.resolve();
      await read([second]);
    };
    await Promise.all([chain('a', 'c', 0), chain('b', 'd', 5)]);
    expect(calls).toEqual(['no lane: a,b', 'no lane: c,d']);
  });

  test('makes another call for keys that do not fit, and lets a large read have its own', async () => {
    const { calls, read } = setUp(3);
    await Promise.all([read(['a', 'b']), read(['c', 'd']), read(['e']), read(['f', 'g', 'h', 'i'])]);
    expect(calls).toEqual(['no lane: a,b,e', 'no lane: c,d', 'no lane: f,g,h,i']);
  });

  test('shares no call between lanes, and makes each one in its lane', async () => {
    const { calls, read } = setUp();
    await Promise.all([
      inLane('reads', () => read(['a'])),
      read(['b']),
      inLane('exports', () => read(['c'])),
      inLane('reads', () => read(['d'])),
    ]);
    expect(calls).toEqual(['reads: a,d', 'no lane: b', 'exports: c']);
  });

  test('shares no call between signals: cancelling one request never cancels another', async () => {
    const { calls, read } = setUp();
    const controller = new AbortController();
    const cancelled = read(['a'], controller.signal);
    const other = read(['b']);
    controller.abort();
    await expect(cancelled).rejects.toThrow('cancelled');
    expect(await other).toEqual(new Map([['b', 'B']]));
    expect(calls).toHaveLength(2);
  });

  test('fails all reads of a call that fails, and none of the next', async () => {
    const { read } = setUp();
    const [one, other] = await Promise.allSettled([read(['a']), read(['broken'])]);
    expect([one.status, other.status]).toEqual(['rejected', 'rejected']);
    expect(await read(['a'])).toEqual(new Map([['a', 'A']]));
  });
});
