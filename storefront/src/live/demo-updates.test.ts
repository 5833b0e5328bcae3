import { describe, expect, test } from '@jest/globals';
import type { PartState } from '@unity-purchase/contracts';
import { followDemo, versionOfDemo } from './demo-updates.js';
import type { UpdateListener } from './live-updates.js';

const purchase = { shopperId: 'ada', purchaseId: 'p', proof: undefined };
const running: PartState[] = [{ part: 'store', title: 'Redis' }];
const pausedFor = (pausedMs: number): PartState[] => [{ part: 'store', title: 'Redis', pausedMs }];

/** Follows a system whose parts are these, one list after another; the last one stays. */
function follow(looks: PartState[][], known: string) {
  const versions: string[] = [];
  const followed: { state: string; listener: UpdateListener; isStopped: boolean }[] = [];
  const left = [...looks];
  let wake: () => void = () => undefined;
  const stop = followDemo(
    {
      runner: { parts: () => Promise.resolve((left.length > 1 ? left.shift() : left[0]) ?? []) },
      updates: {
        followPurchase: (_of, state, listener) => {
          const one = { state, listener, isStopped: false };
          followed.push(one);
          return () => {
            one.isStopped = true;
          };
        },
      },
      intervalMs: 1,
    },
    purchase,
    known,
    (version) => {
      versions.push(version);
      wake();
    },
  );
  const until = async (count: number) => {
    while (versions.length < count) await new Promise<void>((resolve) => (wake = resolve));
    return versions;
  };
  return { versions, followed, until, stop };
}

describe('following the page "Watch it survive"', () => {
  test('reports each second of a pause and its end, and then reads the history soon', async () => {
    const demo = follow(
      [running, pausedFor(1_900), pausedFor(1_800), pausedFor(900), running],
      versionOfDemo(running, 'accepted'),
    );
    expect(await demo.until(3)).toEqual(['store.2~accepted', 'store.1~accepted', 'store~accepted']);
    expect(demo.followed.map(({ isStopped }) => isStopped)).toEqual([true, false]);
    demo.stop();
    expect(demo.followed.map(({ isStopped }) => isStopped)).toEqual([true, true]);
  });

  test('reports a new state of the purchase, and knows it from then on', async () => {
    const demo = follow([pausedFor(500), running], versionOfDemo(pausedFor(700), 'accepted'));
    demo.followed[0]?.listener.changed('recorded');
    expect((await demo.until(2))[0]).toBe('store.1~recorded');
    expect(demo.versions[1]).toBe('store~recorded');
    expect(demo.followed.map(({ state }) => state)).toEqual(['accepted', 'recorded']);
    demo.stop();
  });

  test('reports nothing after it was stopped', async () => {
    const demo = follow([running, pausedFor(900)], versionOfDemo(running, 'accepted'));
    demo.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(demo.versions).toEqual([]);
  });
});
