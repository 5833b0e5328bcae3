import { describe, expect, test } from '@jest/globals';
import {
  purchasePlaced,
  replayOfAttribute,
  shopperKey,
  type PurchasePlaced,
} from '@unity-purchase/contracts';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import type { TakeDelivery } from '@unity-purchase/service-kit';
import { takeDeadLetter } from '../../src/routes/dead-letter-events.js';
import { takePurchaseEvent } from '../../src/routes/events.js';
import { aPurchase } from '../fakes/purchases.js';
import { replicasOver } from '../fakes/replicas.js';
import { whileUnrecordable } from '../fakes/unrecordable.js';

const startMs = Date.UTC(2026, 0, 1);
const minuteMs = 60_000;

/** How the sidecar retries: see components/common/resiliency.yaml. */
const retryEveryMs = 10_000;
const retriesMax = 60;

/** A store in memory that can become unavailable. */
function aStore() {
  const store = new MemoryLogStore();
  const state = { isAway: false };
  const away = () => Promise.reject(new Error('the store is away'));
  const [read, save, update, drop, create] = [
    store.getBulk.bind(store),
    store.save.bind(store),
    store.update.bind(store),
    store.delete.bind(store),
    store.createIfAbsent.bind(store),
  ];
  store.getBulk = (...args) => (state.isAway ? away() : read(...args));
  store.save = (...args) => (state.isAway ? away() : save(...args));
  store.update = (...args) => (state.isAway ? away() : update(...args));
  store.delete = (...args) => (state.isAway ? away() : drop(...args));
  store.createIfAbsent = (...args) =>
    state.isAway
      ? Promise.resolve({ created: false, cause: new Error('the store is away') })
      : create(...args);
  return { store, state };
}

function aService() {
  const { store, state } = aStore();
  const clock = { ms: startMs };
  const { recordPurchase, telemetry, recordOrKeep, deadLetterTelemetry, ...rest } = replicasOver(
    store,
    clock,
  )('replica-1');
  const takePurchase = takePurchaseEvent(recordPurchase, telemetry);
  const takeLetter = takeDeadLetter({ recordOrKeep, telemetry: deadLetterTelemetry });
  return { store, state, clock, takePurchase, takeLetter, ...rest };
}

const rawOf = (event: object) => ({
  event: { data_base64: Buffer.from(JSON.stringify(event)).toString('base64') },
});

/** An event on its way: it is delivered until it is done, first as a purchase, then as a dead letter. */
type OnItsWay = { event: PurchasePlaced; tries: number; isDead: boolean };

describe('an outage of the store of 20 minutes', () => {
  test('creates no dead letter: all of 500 purchases are recorded when the store is back', async () => {
    const { state, clock, takePurchase, takeLetter, deadLetters, history } = aService();
    const bought: PurchasePlaced[] = [];
    let open: OnItsWay[] = [];
    let gaveUp = 0;
    const deliver = async (one: OnItsWay): Promise<boolean> => {
      const take: TakeDelivery = one.isDead ? takeLetter : takePurchase;
      if ((await take(one.isDead ? rawOf(one.event) : { event: one.event })) === 'SUCCESS') return true;
      one.tries += 1;
      if (one.tries > retriesMax) {
        if (!one.isDead) gaveUp += 1;
        Object.assign(one, { isDead: true, tries: 0 });
      }
      return false;
    };
    for (; clock.ms < startMs + 25 * minuteMs; clock.ms += retryEveryMs) {
      state.isAway = clock.ms < startMs + 20 * minuteMs;
      for (let count = 0; count < 5 && bought.length < 500; count += 1) {
        const event = purchasePlaced(
          aPurchase({ shopperId: `shopper-${bought.length % 20}`, placedMs: clock.ms }),
        );
        bought.push(event);
        open.push({ event, tries: 0, isDead: false });
      }
      const isDone = await Promise.all(open.map(deliver));
      open = open.filter((_one, index) => !isDone[index]);
    }
    expect(gaveUp).toBeGreaterThan(200);
    expect(open).toEqual([]);
    expect((await deadLetters.page(10, undefined)).deadLetters).toEqual([]);
    let recorded = 0;
    for (let shopper = 0; shopper < 20; shopper += 1)
      recorded += (await history.page(shopperKey(`shopper-${shopper}`), 1, undefined)).totals.count;
    expect(recorded).toBe(500);
  });
});

describe('a dead letter whose event is valid', () => {
  const purchase = aPurchase({ placedMs: startMs });
  const letter = rawOf(purchasePlaced(purchase));
  const lettersOf = async ({ deadLetters }: ReturnType<typeof aService>) =>
    (await deadLetters.page(10, undefined)).deadLetters.map(({ reason }) => reason);

  test('is delivered again while the store is away, and recorded afterwards', async () => {
    const service = aService();
    service.state.isAway = true;
    expect(await service.takeLetter(letter)).toBe('RETRY');
    service.state.isAway = false;
    expect(await service.takeLetter(letter)).toBe('SUCCESS');
    expect(await lettersOf(service)).toEqual([]);
    expect(await service.history.find(shopperKey('ada'), purchase.purchaseId)).toBeDefined();
  });

  test('is recorded when the store comes back between recording and asking the store', async () => {
    const service = aService();
    service.store.createFaults.push('refuse');
    expect(await service.takeLetter(letter)).toBe('SUCCESS');
    expect(await lettersOf(service)).toEqual([]);
  });

  test('is kept when the store works and the record is damaged', async () => {
    const service = aService();
    const outcome = await whileUnrecordable(service.store, 'ada', () => service.takeLetter(letter));
    expect([outcome, await lettersOf(service)]).toEqual(['SUCCESS', ['not-recorded']]);
  });

  test('is delivered again when the store is away once more after it answered', async () => {
    const service = aService();
    service.store.createFaults.push('refuse', 'refuse');
    const read = service.store.getBulk.bind(service.store);
    let probes = 0;
    service.store.getBulk = (keys, options) => {
      const isSecondProbe = keys.includes('health') && (probes += 1) === 2;
      return isSecondProbe ? Promise.reject(new Error('the store is away')) : read(keys, options);
    };
    expect(await service.takeLetter(letter)).toBe('RETRY');
    expect(await lettersOf(service)).toEqual([]);
  });

  test.each([
    ['done, and not kept,', {}, []],
    ['kept', { [replayOfAttribute]: '0'.repeat(32) }, ['contradicts-record']],
  ])('is %s in conflict with the record, if it has %j', async (_what, attributes, kept) => {
    const service = aService();
    const { purchaseId } = purchase;
    const other = aPurchase({ purchaseId, placedMs: startMs, unitPrice: 300 });
    await service.takePurchase({ event: purchasePlaced(other) });
    expect(await service.takeLetter(rawOf({ ...purchasePlaced(purchase), ...attributes }))).toBe('SUCCESS');
    expect(await lettersOf(service)).toEqual(kept);
  });

  test('waits again, and is not recorded, when an operator has discarded it', async () => {
    const service = aService();
    await whileUnrecordable(service.store, 'ada', () => service.takeLetter(letter));
    const [kept] = (await service.deadLetters.page(10, undefined)).deadLetters;
    await service.deadLetters.discard(kept?.id ?? '');
    expect(await service.takeLetter(letter)).toBe('SUCCESS');
    const [again] = (await service.deadLetters.page(10, undefined)).deadLetters;
    expect(again?.state).toBe('waiting');
    expect(await service.history.find(shopperKey('ada'), purchase.purchaseId)).toBeUndefined();
  });

  test('is done when it was recorded before', async () => {
    const service = aService();
    await service.takePurchase({ event: purchasePlaced(purchase) });
    expect(await service.takeLetter(letter)).toBe('SUCCESS');
    expect(await lettersOf(service)).toEqual([]);
  });
});

describe('replaying what waits', () => {
  async function withLetters(count: number) {
    const service = aService();
    await whileUnrecordable(service.store, 'ada', async () => {
      for (let index = 0; index < count; index += 1)
        await service.takeLetter(rawOf(purchasePlaced(aPurchase({ placedMs: startMs }))));
    });
    return service;
  }
  const before = () => Promise.resolve();

  test('stops after two seconds, and says where it continues', async () => {
    const { store, clock, deadLetters } = await withLetters(10);
    const read = store.getBulk.bind(store);
    store.getBulk = (keys, options) => {
      clock.ms += 500;
      return read(keys, options);
    };
    let requests = 0;
    let replayed = 0;
    let cursor: string | undefined;
    do {
      const startedMs = clock.ms;
      const done = await deadLetters.replayWaiting({ cursor, limit: 100, before });
      // The limit, and the calls for one dead letter.
      expect(clock.ms - startedMs).toBeLessThanOrEqual(10_000);
      [cursor, requests, replayed] = [done.next, requests + 1, replayed + done.replayed];
    } while (cursor !== undefined);
    expect(replayed).toBe(10);
    expect(requests).toBeGreaterThan(1);
  });

  test('stops when its client leaves', async () => {
    const { deadLetters } = await withLetters(2);
    const client = new AbortController();
    let replays = 0;
    const leave = () => {
      replays += 1;
      client.abort();
      return Promise.resolve();
    };
    await expect(
      deadLetters.replayWaiting({ limit: 100, before: leave, signal: client.signal }),
    ).rejects.toThrow();
    expect(replays).toBe(1);
  });
});
