import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Activity } from '@unity-purchase/contracts';
import { AppError, DaprError } from '@unity-purchase/service-kit';
import { FailedAnswerError } from '../purchases/purchase-service-client.js';
import type { Unrecorded } from '../purchases/unrecorded-purchases.js';
import { DeskWatch, versionOf, type DeskDelays } from './desk-watch.js';

const startMs = Date.parse('2026-01-01T00:00:00.000Z');
const activity: Activity = { instance: 'one', intervalMs: 10_000, samples: [], checks: [] };
const none: Unrecorded = {
  count: 0,
  accuracy: 'exact',
  isMore: false,
  oldestAt: undefined,
  at: new Date(startMs),
};

let nowMs: number;
let reads: number;
let answer: () => Promise<Activity>;

beforeEach(() => {
  nowMs = startMs;
  reads = 0;
  answer = () => Promise.resolve(activity);
});

function createWatch(delays?: DeskDelays) {
  return new DeskWatch({
    readOwn: () => Promise.resolve(activity),
    desk: {
      activity: () => {
        reads += 1;
        return answer();
      },
    },
    unrecorded: { count: () => Promise.resolve(none) },
    now: () => new Date(nowMs),
    delays,
  });
}

const fail = (cause: Error) => () => Promise.reject(new AppError('desk-unavailable', { cause }));

async function until(condition: () => boolean, missing: string) {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`still ${missing}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('a status', () => {
  test('is read once for everyone who asks within a second', async () => {
    const watch = createWatch();
    await Promise.all([watch.read(), watch.read()]);
    nowMs += 999;
    await watch.read();
    expect(reads).toBe(1);
    nowMs += 1;
    await watch.read();
    expect(reads).toBe(2);
  });

  test('keeps the last answer of a purchase-service that fails, with its time, and since when it does', async () => {
    const watch = createWatch();
    await watch.read();
    answer = fail(new DaprError('failed', 'it does not listen'));
    nowMs += 5_000;
    const first = await watch.read();
    expect(first.purchaseService).toEqual({ activity, at: new Date(startMs) });
    expect(first.failure).toEqual({ part: 'purchaseService', since: new Date(startMs + 5_000) });
    nowMs += 5_000;
    expect((await watch.read()).failure).toEqual(first.failure);
    answer = () => Promise.resolve(activity);
    nowMs += 5_000;
    expect((await watch.read()).failure).toBeUndefined();
  });

  test.each([
    ['the sidecar cannot be reached', 'storefrontSidecar', new DaprError('not-sent', 'x', { cause: 1 })],
    ['too many calls are in progress', 'purchaseService', new DaprError('not-sent', 'x')],
    ['there is no answer', 'purchaseService', new DaprError('no-answer', 'x')],
    ['it answers with a failure', 'purchaseService', new FailedAnswerError(500, 'internal-error')],
    ['it says that its store fails', 'stateStore', new FailedAnswerError(503, 'store-unavailable')],
  ] as const)('when %s names the part %s', async (_what, part, cause) => {
    answer = fail(cause);
    expect((await createWatch().read()).failure?.part).toBe(part);
  });
});

describe('the number of dead letters for the navigation', () => {
  const at = (ms: number) => new Date(ms).toISOString();
  const withLetters = (count: number): Activity => ({
    ...activity,
    waitingDeadLetters: { count, isMore: false, at: at(nowMs) },
  });

  test('is read in the background at most every five seconds, and never waited for', async () => {
    answer = () => Promise.resolve(withLetters(7));
    const watch = createWatch();
    expect(watch.waitingDeadLetters).toBeUndefined();
    expect(reads).toBe(1);
    await until(() => watch.waitingDeadLetters?.count === 7, 'not known');
    nowMs += 5_000;
    expect(watch.waitingDeadLetters?.count).toBe(7);
    expect(reads).toBe(1);
    nowMs += 1;
    expect(watch.waitingDeadLetters?.count).toBe(7);
    expect(reads).toBe(2);
  });

  test('is not shown any more when it could not be counted for a minute', async () => {
    answer = () => Promise.resolve(withLetters(7));
    const watch = createWatch();
    await watch.read();
    answer = fail(new Error('away'));
    nowMs += 59_000;
    expect(watch.waitingDeadLetters?.count).toBe(7);
    nowMs += 1_000;
    expect(watch.waitingDeadLetters).toBeUndefined();
  });

  test('is unknown, and nothing else, when nothing can be read', async () => {
    answer = () => Promise.reject(new Error('a mistake in our own code'));
    const watch = createWatch();
    expect(watch.waitingDeadLetters).toBeUndefined();
    await expect(watch.read()).rejects.toThrow('a mistake');
    expect(watch.waitingDeadLetters).toBeUndefined();
  });
});

describe('watching', () => {
  const delays = { freshMs: 0, pollMs: 5, backgroundMs: 1_000 };

  test('reads for all who watch together, and stops after the last one left', async () => {
    const watch = createWatch(delays);
    const seen = [0, 0];
    const stops = seen.map((_none, index) =>
      watch.watch(() => {
        seen[index] = (seen[index] ?? 0) + 1;
      }),
    );
    await until(() => seen.every((times) => times > 2), 'not reported to both');
    // One read for each poll, and one for the second who joined.
    expect(reads).toBeLessThanOrEqual(Math.max(...seen) + 1);
    stops[0]?.();
    const before = seen[0];
    await until(() => (seen[1] ?? 0) > 5, 'not reported to the one who stayed');
    expect(seen[0]).toBe(before);
    stops[1]?.();
    let last = -1;
    let same = 0;
    await until(() => {
      same = last === reads ? same + 1 : 0;
      last = reads;
      return same > 20;
    }, 'read regularly');
  });

  test('goes on after a failure', async () => {
    const watch = createWatch(delays);
    answer = () => Promise.reject(new Error('a mistake in our own code'));
    let seen = 0;
    const stop = watch.watch(() => (seen += 1));
    await until(() => reads > 2, 'not read again');
    expect(seen).toBe(0);
    answer = () => Promise.resolve(activity);
    await until(() => seen > 0, 'not reported');
    stop();
  });
});

test('a version changes with what is shown, and not with the requests for showing it', async () => {
  const status = await createWatch().read();
  const current = { at: '2026-01-01T00:00:00.000Z', counts: { accepted: 1, requests: 1 }, durations: {} };
  const versionWith = (counts: Record<string, number>) =>
    versionOf({ ...status, storefront: { ...activity, current: { ...current, counts } } });
  expect(versionWith({ accepted: 1, requests: 2 })).toBe(versionWith({ accepted: 1, requests: 1 }));
  expect(versionWith({ accepted: 2, requests: 1 })).not.toBe(versionWith({ accepted: 1, requests: 1 }));
  expect(versionOf({ ...status, unrecorded: { ...none, count: 1 } })).not.toBe(versionOf(status));
  expect(versionOf({ ...status, at: new Date(0) })).toBe(versionOf(status));
});
