import { describe, expect, test } from '@jest/globals';
import {
  auditApiPath,
  auditPageSchema,
  deadLetterApiPath,
  deadLetterPageSchema,
  deadLetterReplayApiPath,
  deadLetterReplaysSchema,
  eventRoutes,
  problemDetailsSchema,
  purchasePlaced,
  replayOfAttribute,
} from '@unity-purchase/contracts';
import request from 'supertest';
import { discardLetter, keepLetter, listLetters, recordPurchase } from '../fakes/dead-letters.js';
import { aPurchase } from '../fakes/purchases.js';
import { createTestApp } from '../fakes/test-app.js';
import { whileUnrecordable } from '../fakes/unrecordable.js';

type TestApp = ReturnType<typeof createTestApp>;

const rawOf = (event: object) => ({ data_base64: Buffer.from(JSON.stringify(event)).toString('base64') });

/** Keeps dead letters: some can be replayed, each third one is not valid. */
async function keepLetters(test: TestApp, count: number) {
  const purchases = Array.from({ length: count }, () => aPurchase());
  await whileUnrecordable(test.store, 'ada', async () => {
    for (const [index, purchase] of purchases.entries()) {
      const event = purchasePlaced(purchase);
      await request(test.app)
        .post(eventRoutes.deadLetters)
        .send(rawOf(index % 3 === 2 ? { ...event, type: 'purchase.placed.v9' } : event))
        .expect(200, { status: 'SUCCESS' });
    }
  });
  return purchases.filter((_purchase, index) => index % 3 !== 2).map(({ purchaseId }) => purchaseId);
}

async function replayWaiting({ app }: TestApp, query = '') {
  const response = await request(app).post(`${deadLetterReplayApiPath}${query}`).expect(200);
  return deadLetterReplaysSchema.parse(response.body);
}

/** From now on, only some writes take effect, as if the process had ended after them. Returns the function that ends this. */
function endAfterWrites({ store, broker }: TestApp, count: number): () => void {
  const save = store.save.bind(store);
  const remove = store.delete.bind(store);
  let left = count;
  const write = async (ifLeft: () => Promise<void>) => {
    left -= 1;
    if (left < 0) throw new Error('the process has ended');
    await ifLeft();
  };
  store.save = (...args) => write(() => save(...args));
  store.delete = (...args) => write(() => remove(...args));
  broker.isAway = true;
  return () => {
    Object.assign(store, { save, delete: remove });
    broker.isAway = false;
  };
}

const publishedIds = ({ published }: TestApp) => published.map(({ data }) => data.purchaseId);

describe('POST /api/dead-letter-replays', () => {
  test('replays everything that can be replayed, oldest first, some at a time', async () => {
    const test = createTestApp();
    const replayable = await keepLetters(test, 30);
    let cursor: string | undefined;
    const counts = [0, 0];
    let requests = 0;
    do {
      const { replayed, notReplayable, next } = await replayWaiting(
        test,
        `?limit=7${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      expect(replayed + notReplayable).toBeLessThanOrEqual(7);
      counts[0] = (counts[0] ?? 0) + replayed;
      counts[1] = (counts[1] ?? 0) + notReplayable;
      cursor = next;
      requests += 1;
    } while (cursor !== undefined);
    expect(counts).toEqual([20, 10]);
    expect(requests).toBe(5);
    expect(publishedIds(test)).toEqual(replayable);
  });

  test('replays nothing twice when it starts from the beginning again', async () => {
    const test = createTestApp();
    const replayable = await keepLetters(test, 6);
    await replayWaiting(test, '?limit=2');
    await replayWaiting(test);
    await replayWaiting(test);
    expect(publishedIds(test)).toEqual(replayable);
  });

  test('leaves discarded dead letters and conflicts alone', async () => {
    const test = createTestApp();
    const purchase = aPurchase();
    await request(test.app).post(eventRoutes.purchases).send(purchasePlaced(purchase)).expect(200);
    await request(test.app)
      .post(eventRoutes.deadLetters)
      .send(
        rawOf({
          ...purchasePlaced(aPurchase({ purchaseId: purchase.purchaseId, unitPrice: 300 })),
          [replayOfAttribute]: '0'.repeat(32),
        }),
      )
      .expect(200);
    expect(await replayWaiting(test)).toMatchObject({ replayed: 0, notReplayable: 1 });
    const [key = ''] = [...test.store.values.keys()].filter((each) => each.startsWith('dead-letter:'));
    await request(test.app)
      .post(`${deadLetterApiPath}/${key.slice('dead-letter:'.length)}/discard`)
      .expect(200);
    expect(await replayWaiting(test)).toMatchObject({ replayed: 0, notReplayable: 0 });
  });

  test('names those that cannot be replayed, and why, and counts those that are recorded', async () => {
    const test = createTestApp();
    const [contested, recorded] = [aPurchase(), aPurchase()];
    const ids = {
      invalid: await keepLetter(test, aPurchase(), { type: 'purchase.placed.v9' }),
      truncated: await keepLetter(test, aPurchase(), { padding: 'x'.repeat(70_000) }),
      superseded: await keepLetter(test, contested),
    };
    await keepLetter(test, recorded);
    await recordPurchase(test, recorded);
    await recordPurchase(test, aPurchase({ purchaseId: contested.purchaseId, unitPrice: 999 }));
    expect(await replayWaiting(test)).toEqual({
      replayed: 0,
      recorded: 1,
      notReplayable: 3,
      failures: Object.entries(ids).map(([why, id]) => ({ id, why })),
      left: 0,
    });
    expect(test.published).toEqual([]);
  });

  test('says how many dead letters are left after each part', async () => {
    const test = createTestApp();
    await keepLetters(test, 10);
    const left: unknown[] = [];
    let cursor: string | undefined;
    do {
      const done = await replayWaiting(test, `?limit=4${cursor === undefined ? '' : `&cursor=${cursor}`}`);
      left.push(done.left);
      cursor = done.next;
    } while (cursor !== undefined);
    expect(left).toEqual([6, 2, 0]);
  });

  test('returns what it did when the broker fails in between, and then starts with what failed', async () => {
    const test = createTestApp();
    const replayable = await keepLetters(test, 5);
    const push = test.published.push.bind(test.published);
    test.published.push = (...events) => {
      test.broker.isAway = test.published.length === 1;
      return push(...events);
    };
    const first = await replayWaiting(test);
    expect(first).toMatchObject({ replayed: 2, notReplayable: 1 });
    const query = `?cursor=${first.next ?? ''}`;
    await request(test.app).post(`${deadLetterReplayApiPath}${query}`).expect(503);
    test.broker.isAway = false;
    expect(await replayWaiting(test, query)).toMatchObject({ replayed: 2, left: 0 });
    expect(publishedIds(test)).toEqual(replayable);
  });

  test('replays only what a filter selects', async () => {
    const test = createTestApp();
    await keepLetters(test, 4);
    for (const query of [
      '?reason=invalid',
      '?before=2026-01-01T00:00:02.000Z',
      '?from=2026-01-01T00:00:02.001Z',
    ])
      expect(await replayWaiting(test, query)).toMatchObject({ replayed: 0 });
    expect(
      await replayWaiting(
        test,
        '?reason=not-recorded&from=2026-01-01T00:00:02.000Z&before=2026-01-01T00:00:03.000Z',
      ),
    ).toMatchObject({ replayed: 3, notReplayable: 0 });
    await request(test.app).post(`${deadLetterReplayApiPath}?list=waiting`).expect(400);
  });

  test('leaves a dead letter alone that was discarded meanwhile', async () => {
    const test = createTestApp();
    await keepLetters(test, 2);
    const id = (await listLetters(test)).deadLetters[0]?.id ?? '';
    const read = test.store.getBulk.bind(test.store);
    test.store.getBulk = async (keys, options) => {
      const isOfOther =
        keys.length < 8 && keys.some((key) => key.startsWith('dead-letter:') && !key.includes(id));
      if (isOfOther) {
        test.store.getBulk = read;
        await discardLetter(test, id).expect(200);
      }
      return read(keys, options);
    };
    expect(await replayWaiting(test)).toMatchObject({ replayed: 1, notReplayable: 0 });
    expect((await listLetters(test, '?list=discarded')).deadLetters).toHaveLength(1);
  });

  test('stops while the broker is unavailable, and continues afterwards', async () => {
    const test = createTestApp();
    const replayable = await keepLetters(test, 2);
    test.broker.isAway = true;
    const refused = await request(test.app).post(deadLetterReplayApiPath).expect(503);
    expect(problemDetailsSchema.parse(refused.body).code).toBe('dead-letter-not-published');
    test.broker.isAway = false;
    expect(await replayWaiting(test)).toMatchObject({ replayed: 2, notReplayable: 0 });
    expect(publishedIds(test)).toEqual(replayable);
  });

  test.each([0, 1, 2, 3, 4])('finds a dead letter whose replay ended after %i writes', async (count) => {
    const test = createTestApp();
    const [purchaseId] = await keepLetters(test, 1);
    const { deadLetters } = deadLetterPageSchema.parse((await request(test.app).get(deadLetterApiPath)).body);
    const restart = endAfterWrites(test, count);
    await request(test.app).post(`${deadLetterApiPath}/${deadLetters[0]?.id ?? ''}/replay`);
    restart();
    expect(await replayWaiting(test)).toMatchObject({ replayed: 1, notReplayable: 0 });
    expect(publishedIds(test)).toEqual([purchaseId]);
    expect(await replayWaiting(test)).toMatchObject({ replayed: 0, notReplayable: 0 });
  });

  test('is in the audit log with every dead letter that it replays', async () => {
    const test = createTestApp();
    await keepLetters(test, 3);
    await replayWaiting(test);
    const { entries } = auditPageSchema.parse((await request(test.app).get(auditApiPath)).body);
    const replays = entries.filter(({ action }) => action === 'replay-dead-letter');
    expect(new Set(replays.map(({ target }) => target)).size).toBe(2);
  });

  test('refuses a cursor that it has not returned', async () => {
    await request(createTestApp().app).post(`${deadLetterReplayApiPath}?cursor=x`).expect(400);
  });
});
