import {
  deadLetterApiPath,
  deadLetterPageSchema,
  deadLetterSchema,
  eventRoutes,
  purchasePlaced,
  type DeadLetter,
  type DeadLetterPage,
  type Purchase,
} from '@unity-purchase/contracts';
import request from 'supertest';
import type { createTestApp } from './test-app.js';
import { whileUnrecordable } from './unrecordable.js';

type TestApp = ReturnType<typeof createTestApp>;

/** Delivers something to the dead letters. */
export async function deliverLetter({ app }: Pick<TestApp, 'app'>, message: string | object): Promise<void> {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  await request(app)
    .post(eventRoutes.deadLetters)
    .send({ data_base64: Buffer.from(text).toString('base64') })
    .expect(200, { status: 'SUCCESS' });
}

/** Keeps the event of a purchase, or something made of it, as a dead letter. Returns its id. */
export async function keepLetter(test: TestApp, purchase: Purchase, change: object = {}): Promise<string> {
  await whileUnrecordable(test.store, purchase.shopper.id, () =>
    deliverLetter(test, { ...purchasePlaced(purchase), ...change }),
  );
  return (await listLetters(test, '?limit=1')).deadLetters[0]?.id ?? 'none is kept';
}

export async function listLetters({ app }: Pick<TestApp, 'app'>, query = ''): Promise<DeadLetterPage> {
  return deadLetterPageSchema.parse(
    (await request(app).get(`${deadLetterApiPath}${query}`).expect(200)).body,
  );
}

export async function recordPurchase({ app }: Pick<TestApp, 'app'>, purchase: Purchase): Promise<void> {
  await request(app)
    .post(eventRoutes.purchases)
    .send(purchasePlaced(purchase))
    .expect(200, { status: 'SUCCESS' });
}

/** Delivers the last event that was published: the purchase of a replay gets recorded. */
export async function deliverReplay({ app, published }: TestApp): Promise<void> {
  await request(app).post(eventRoutes.purchases).send(published.at(-1)).expect(200, { status: 'SUCCESS' });
}

export async function replayLetter({ app }: Pick<TestApp, 'app'>, id: string): Promise<DeadLetter> {
  const response = await request(app).post(`${deadLetterApiPath}/${id}/replay`).expect(202);
  return deadLetterSchema.parse(response.body);
}

/** Asks to discard a dead letter, as the desk does. */
export function discardLetter({ app }: Pick<TestApp, 'app'>, id: string, reason = 'a test of ours') {
  return request(app).post(`${deadLetterApiPath}/${id}/discard`).send({ reason });
}
