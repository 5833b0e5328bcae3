import { describe, expect, test } from '@jest/globals';
import { watchForOutages } from './broker-outages.js';

/** Watches a broker that answers the questions as listed, then ends the watch. Returns what happened. */
async function watch(answers: readonly boolean[], longMs: number, failure?: Error): Promise<string[]> {
  const events: string[] = [];
  const end = new AbortController();
  const left = [...answers];
  await watchForOutages({
    isThere: () => {
      const answer = left.shift();
      if (left.length === 0) end.abort();
      return Promise.resolve(answer ?? true);
    },
    longMs,
    afterLongOutage: () => {
      events.push(`restarted with ${left.length} answers left`);
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    },
    report: (text) => events.push(text),
    signal: end.signal,
    intervalMs: 1,
  });
  return events;
}

describe('watchForOutages', () => {
  test('acts once, when the broker is back after a long outage', async () => {
    expect(await watch([true, false, false, false, true, true, true], 0)).toEqual([
      'restarted with 2 answers left',
    ]);
  });

  test('does nothing during an outage, after a short one, or without one', async () => {
    expect(await watch([true, false, false, false], 0)).toEqual([]);
    expect(await watch([true, false, true, true], 60_000)).toEqual([]);
    expect(await watch([true, true, true], 0)).toEqual([]);
  });

  test('reports a failed restart and notices the next outage', async () => {
    const answers = [false, true, true, false, true, true];
    expect(await watch(answers, 0, new Error('the sidecar ended'))).toEqual([
      'restarted with 4 answers left',
      'Error: the sidecar ended',
      'restarted with 1 answers left',
      'Error: the sidecar ended',
    ]);
  });
});
