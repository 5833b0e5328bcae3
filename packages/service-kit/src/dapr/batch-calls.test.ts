import { describe, expect, test } from '@jest/globals';
import { batchCalls, waitingMax } from './batch-calls.js';

/** A call whose results a test determines one by one. */
function controlledCall() {
  const calls: {
    items: readonly string[];
    answer: (result: string) => void;
    fail: (error: Error) => void;
  }[] = [];
  return {
    calls,
    call: (items: readonly string[]) =>
      new Promise<string>((answer, fail) => {
        calls.push({ items, answer, fail });
      }),
    items: () => calls.map(({ items }) => items.join()),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('batchCalls', () => {
  test('puts items of one turn into one call, and gives all of them its result', async () => {
    const { call, calls, items } = controlledCall();
    const one = batchCalls(call, { callsMax: 2, itemsMax: 10 });
    const results = Promise.all([one('a'), one('b')]);
    await turn();
    expect(items()).toEqual(['a,b']);
    calls[0]?.answer('done');
    expect(await results).toEqual(['done', 'done']);
  });

  test('keeps items waiting while the allowed calls are in flight, and then sends them together', async () => {
    const { call, calls, items } = controlledCall();
    const one = batchCalls(call, { callsMax: 1, itemsMax: 10 });
    const results = [one('a')];
    await turn();
    results.push(one('b'));
    await turn();
    results.push(one('c'));
    await turn();
    expect(items()).toEqual(['a']);
    calls[0]?.answer('first');
    await turn();
    expect(items()).toEqual(['a', 'b,c']);
    calls[1]?.answer('second');
    expect(await Promise.all(results)).toEqual(['first', 'second', 'second']);
  });

  test('splits more items than one call takes into several calls', async () => {
    const { call, items } = controlledCall();
    const one = batchCalls(call, { callsMax: 3, itemsMax: 2 });
    void Promise.all(['a', 'b', 'c', 'd', 'e'].map(one));
    await turn();
    expect(items()).toEqual(['a,b', 'c,d', 'e']);
  });

  test('refuses an item while the largest number is waiting', async () => {
    const { call, calls } = controlledCall();
    const one = batchCalls(call, { callsMax: 1, itemsMax: waitingMax });
    const results = [one('first')];
    await turn();
    for (let count = 0; count < waitingMax; count += 1) results.push(one('waiting'));
    await expect(one('refused')).rejects.toMatchObject({ name: 'DaprError', failure: 'not-sent' });
    calls[0]?.answer('done');
    await turn();
    calls[1]?.answer('done');
    expect(new Set(await Promise.all(results))).toEqual(new Set(['done']));
    const next = one('next');
    await turn();
    calls[2]?.answer('next');
    expect(await next).toBe('next');
  });

  test('fails all items of a failed call and none of the next', async () => {
    const { call, calls } = controlledCall();
    const one = batchCalls(call, { callsMax: 1, itemsMax: 10 });
    const failing = Promise.allSettled([one('a'), one('b')]);
    await turn();
    const next = one('c');
    calls[0]?.fail(new Error('the store is down'));
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await turn();
    calls[1]?.answer('back');
    expect(await next).toBe('back');
  });
});
