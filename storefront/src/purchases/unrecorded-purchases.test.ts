import { beforeEach, describe, expect, test } from '@jest/globals';
import { shopperSchema, type RecordedPurchase } from '@unity-purchase/contracts';
import type { NotRecorded } from './recorded-purchases.js';
import { UnrecordedPurchases } from './unrecorded-purchases.js';

const startMs = Date.parse('2026-01-01T00:00:00.000Z');
const shopper = shopperSchema.parse({ id: 'ada', name: 'Ada' });

let nowMs: number;
let isRecorded: (number: number) => boolean;
let notRecorded: NotRecorded;
let lookUps: number[];
let isAway: boolean;

beforeEach(() => {
  nowMs = startMs;
  isRecorded = () => false;
  notRecorded = { notRecorded: 'unknown' };
  lookUps = [];
  isAway = false;
});

/** Accepts purchases, one a second. Their ids are numbers from 1. */
function accept(unrecorded: UnrecordedPurchases, count: number) {
  for (let number = 1; number <= count; number += 1) {
    nowMs += 1_000;
    unrecorded.add({ shopper, purchaseId: String(number) });
  }
}

function create(limits?: { rememberedMax: number; lookUpsMax: number }) {
  const find = (_shopper: string, purchaseId: string): Promise<RecordedPurchase | NotRecorded> => {
    lookUps.push(Number(purchaseId));
    if (isAway) return Promise.reject(new Error('the purchase-service does not answer'));
    return Promise.resolve(
      isRecorded(Number(purchaseId)) ? ({ recordedAt: '' } as RecordedPurchase) : notRecorded,
    );
  };
  return new UnrecordedPurchases(find, () => new Date(nowMs), limits);
}

describe('accepted purchases that are not recorded', () => {
  test('are counted exactly when there are few, with the time of the oldest', async () => {
    const unrecorded = create();
    accept(unrecorded, 8);
    isRecorded = (number) => number % 2 === 1;
    expect(await unrecorded.count()).toEqual({
      count: 4,
      accuracy: 'exact',
      isMore: false,
      oldestAt: new Date(startMs + 2_000),
      at: new Date(nowMs),
    });
  });

  test('are none before anything was accepted, without a request', async () => {
    expect(await create().count()).toMatchObject({ count: 0, accuracy: 'exact', oldestAt: undefined });
    expect(lookUps).toEqual([]);
  });

  test('are not looked up again once they are recorded', async () => {
    const unrecorded = create();
    accept(unrecorded, 3);
    isRecorded = (number) => number <= 2;
    await unrecorded.count();
    await unrecorded.count();
    expect(lookUps).toEqual([1, 2, 3, 3]);
  });

  test.each([
    ['delayed', undefined, 0],
    ['discarded', undefined, 0],
    ['unknown', '2026-01-01T00:10:00.000Z', 0],
    ['unknown', '2025-01-01T00:00:00.000Z', 1],
  ] as const)('do not include what waits no more: %s, erased at %s', async (reason, erasedAt, count) => {
    const unrecorded = create();
    accept(unrecorded, 1);
    notRecorded = { notRecorded: reason, ...(erasedAt === undefined ? {} : { erasedAt }) };
    expect((await unrecorded.count()).count).toBe(count);
  });

  test('count once when an order was accepted twice', async () => {
    const unrecorded = create();
    accept(unrecorded, 1);
    accept(unrecorded, 1);
    expect((await unrecorded.count()).count).toBe(1);
  });

  test.each([0, 1, 2, 9, 100, 4_999, 5_000])(
    'are found with few requests among many when the last %i are not recorded',
    async (waiting) => {
      const unrecorded = create();
      accept(unrecorded, 5_000);
      isRecorded = (number) => number <= 5_000 - waiting;
      expect(await unrecorded.count()).toMatchObject({
        count: waiting,
        accuracy: 'estimated',
        isMore: waiting === 5_000,
      });
      expect(lookUps.length).toBeLessThanOrEqual(26);
    },
  );

  test('are remembered up to a limit, and then there may be more', async () => {
    const unrecorded = create({ rememberedMax: 10, lookUpsMax: 2 });
    accept(unrecorded, 25);
    expect(await unrecorded.count()).toMatchObject({ count: 10, isMore: true });
    isRecorded = () => true;
    expect(await unrecorded.count()).toMatchObject({ count: 0, isMore: false });
  });

  test('are at most all that were accepted while the purchase-service does not answer', async () => {
    const unrecorded = create();
    accept(unrecorded, 2);
    isAway = true;
    expect(await unrecorded.count()).toMatchObject({ count: 2, accuracy: 'at-most' });
    isAway = false;
    isRecorded = () => true;
    expect(await unrecorded.count()).toMatchObject({ count: 0, accuracy: 'exact' });
  });
});
