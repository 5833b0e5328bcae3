import { describe, expect, test } from '@jest/globals';
import {
  activityApiPath,
  auditApiPath,
  auditPageSchema,
  deadLetterApiPath,
  deadLetterReplayApiPath,
  eventRoutes,
  namelessOperators,
  operatorHeader,
  problemDetailsSchema,
  purchaseApiPath,
  purchasePlaced,
  rebuildApiPath,
  shopperApiPath,
  shopperKey,
  type AuditAction,
} from '@unity-purchase/contracts';
import type { ApiOperation } from '@unity-purchase/service-kit';
import request from 'supertest';
import { aPurchase } from '../fakes/purchases.js';
import { createTestApp } from '../fakes/test-app.js';
import { whileUnrecordable } from '../fakes/unrecordable.js';

/** A shopper id that occurs nowhere else in the store. */
const ada = 'ada-lovelace';

const tokens = { sidecar: 'of-the-sidecar', operator: 'of-operators' };
const asOperator = { authorization: `Bearer ${tokens.operator}` };
const asSidecar = { 'dapr-api-token': tokens.sidecar };

/** What contains nothing about any shopper. Everything else is audited when an operator calls it. */
const notAudited = [`GET ${activityApiPath}`];

/** What is recorded itself, and so is each dead letter that it replays, or each shopper whom it names. */
const withParts = [
  `POST ${deadLetterReplayApiPath}`,
  `POST ${rebuildApiPath}/history/shoppers`,
  `POST ${rebuildApiPath}/journal/shoppers`,
];

/** What the storefront also requests for its shoppers. */
const forShoppers = [
  `GET ${purchaseApiPath}/:shopper`,
  `GET ${purchaseApiPath}/:shopper/months`,
  `GET ${purchaseApiPath}/:shopper/:purchaseId`,
];

/** The bodies of operations that need one, by the end of their paths. */
const bodies: Readonly<Record<string, object>> = {
  shoppers: { shoppers: [shopperKey(ada)] },
  events: { events: ['{}'] },
  'purchase-searches': { name: 'Ada' },
};

const { operations } = createTestApp();
const nameOf = ({ method, path }: ApiOperation) => `${method} ${path}`;
const areAudited = operations.filter((operation) => !notAudited.includes(nameOf(operation)));

/** Ada has bought once, and another purchase of hers is a dead letter that can be replayed. */
async function aShop() {
  const test = createTestApp(undefined, tokens);
  const [recorded, dead] = [aPurchase({ shopperId: ada }), aPurchase({ shopperId: ada })];
  await deliver(test.app, eventRoutes.purchases, purchasePlaced(recorded));
  const data_base64 = Buffer.from(JSON.stringify(purchasePlaced(dead))).toString('base64');
  await whileUnrecordable(test.store, ada, () => deliver(test.app, eventRoutes.deadLetters, { data_base64 }));
  const [letterKey = ''] = [...test.store.values.keys()].filter((key) => key.startsWith('dead-letter:'));
  const values = {
    ':shopper': encodeURIComponent(ada),
    ':purchaseId': recorded.purchaseId,
    ':id': letterKey.slice('dead-letter:'.length),
  };
  const urlOf = (path: string) => path.replaceAll(/:\w+/g, (name) => values[name as keyof typeof values]);
  const ask = (
    { method, path }: Pick<ApiOperation, 'method' | 'path'>,
    headers: Record<string, string> = asOperator,
  ) => {
    const agent = request(test.app);
    const url = urlOf(path);
    const calls = { GET: () => agent.get(url), POST: () => agent.post(url), DELETE: () => agent.delete(url) };
    const asked = calls[method]().set(headers);
    const body = bodies[path.slice(path.lastIndexOf('/') + 1)];
    return body === undefined ? asked : asked.send(body);
  };
  const entries = async () => {
    const response = await request(test.app).get(auditApiPath).set(asOperator).expect(200);
    // The first entry is this request itself.
    return auditPageSchema.parse(response.body).entries.slice(1);
  };
  return { ...test, ask, entries, purchaseId: values[':purchaseId'], letterId: values[':id'] };
}

async function deliver(app: ReturnType<typeof createTestApp>['app'], route: string, event: object) {
  await request(app)
    .post(route)
    .set({ ...asSidecar, 'Content-Type': 'application/cloudevents+json' })
    .send(JSON.stringify(event))
    .expect(200, { status: 'SUCCESS' });
}

describe('an operation of an operator', () => {
  test.each(areAudited.map((operation) => [nameOf(operation), operation] as const))(
    '%s is recorded once, before it happens',
    async (name, operation) => {
      const { ask, entries, store } = await aShop();
      const count = withParts.includes(name) ? 2 : 1;
      const calls = await store.callsDuring(async () => {
        expect((await ask(operation)).status).toBeLessThan(300);
      });
      expect(calls.filter((call) => !call.startsWith('get '))[0]).toBe('create audit:1');
      expect(await entries()).toHaveLength(count);
    },
  );

  test.each(areAudited.map((operation) => [nameOf(operation), operation] as const))(
    '%s does not happen when it cannot be recorded, and answers store-unavailable',
    async (_name, operation) => {
      const { ask, store, published } = await aShop();
      const before = new Map(store.values);
      store.createFaults.push('refuse');
      const calls = await store.callsDuring(async () => {
        const response = await ask(operation).expect(503);
        expect(problemDetailsSchema.parse(response.body).code).toBe('store-unavailable');
        expect(response.text).not.toContain(ada);
      });
      expect(calls.filter((call) => !call.startsWith('get '))).toEqual(['create audit:1']);
      expect([store.values, published]).toEqual([before, []]);
    },
  );

  test.each(operations.map((operation) => [nameOf(operation), operation] as const))(
    '%s documents the operator header if it is audited',
    (name, { headers, problems }) => {
      const isAudited = !notAudited.includes(name);
      expect(operatorHeader in (headers?.shape ?? {})).toBe(isAudited);
      if (isAudited) expect(problems).toContain('invalid-operator');
    },
  );
});

test.each(forShoppers)('%s is not recorded when the storefront requests it for a shopper', async (name) => {
  const { ask, entries } = await aShop();
  for (const operation of operations.filter((each) => nameOf(each) === name))
    await ask(operation, asSidecar).expect(200);
  expect(await entries()).toEqual([]);
});

test.each(forShoppers)('%s is recorded when the storefront requests it for an operator', async (name) => {
  const { ask, entries } = await aShop();
  for (const operation of operations.filter((each) => nameOf(each) === name))
    await ask(operation, { ...asSidecar, [operatorHeader]: 'grace' }).expect(200);
  expect((await entries()).map(({ operator }) => operator)).toEqual(['grace']);
});

test('a request without a body, for headers only, is recorded like the whole request', async () => {
  const { app, entries } = await aShop();
  await request(app)
    .head(`${purchaseApiPath}/${shopperKey(ada)}`)
    .set(asOperator)
    .expect(200);
  expect((await entries()).map(({ action }) => action)).toEqual(['find-purchase']);
});

describe('an audit entry', () => {
  type Shop = Awaited<ReturnType<typeof aShop>>;
  type Case = [
    method: ApiOperation['method'],
    path: string,
    action: AuditAction,
    target: (shop: Shop) => string | undefined | string[],
  ];
  const letter = (shop: Shop) => shop.letterId;
  const none = () => undefined;

  test.each<Case>([
    ['GET', `${purchaseApiPath}?limit=1`, 'list-purchases', none],
    ['GET', `${purchaseApiPath}?purchaseId=:purchaseId`, 'find-purchase', (shop) => shop.purchaseId],
    ['GET', `${purchaseApiPath}?shopper=:shopper`, 'find-purchase', () => shopperKey(ada)],
    ['GET', `${purchaseApiPath}?shopper=${shopperKey(ada)}`, 'find-purchase', () => shopperKey(ada)],
    ['GET', `${purchaseApiPath}/:shopper`, 'find-purchase', () => shopperKey(ada)],
    ['GET', `${purchaseApiPath}/:shopper/months`, 'find-purchase', () => shopperKey(ada)],
    ['GET', `${purchaseApiPath}/:shopper/:purchaseId`, 'read-purchase', (shop) => shop.purchaseId],
    ['GET', `${purchaseApiPath}/:shopper/:purchaseId/event`, 'read-purchase', (shop) => shop.purchaseId],
    ['GET', deadLetterApiPath, 'list-dead-letters', none],
    ['GET', `${deadLetterApiPath}/:id`, 'read-dead-letter', letter],
    ['POST', `${deadLetterApiPath}/:id/replay`, 'replay-dead-letter', letter],
    ['POST', `${deadLetterApiPath}/:id/discard`, 'discard-dead-letter', letter],
    ['GET', `${shopperApiPath}/:shopper`, 'export-shopper', () => shopperKey(ada)],
    ['DELETE', `${shopperApiPath}/:shopper`, 'erase-shopper', () => shopperKey(ada)],
    ['POST', `${rebuildApiPath}/journal`, 'list-purchases', () => 'rebuild/journal'],
    ['POST', `${rebuildApiPath}/journal?repair=true`, 'list-purchases', () => 'rebuild/journal/repair'],
    ['POST', `${rebuildApiPath}/segments`, 'list-purchases', () => 'rebuild/segments'],
    [
      'POST',
      `${rebuildApiPath}/history/shoppers`,
      'list-purchases',
      () => [`rebuild/history/shoppers/${shopperKey(ada)}`, 'rebuild/history/shoppers'],
    ],
    ['POST', `${rebuildApiPath}/history/events`, 'list-purchases', () => 'rebuild/history/events'],
    ['GET', auditApiPath, 'read-audit-log', none],
  ])('of %s %s has the action %s and its target', async (method, path, action, target) => {
    const shop = await aShop();
    await shop.ask({ method, path }, { ...asOperator, 'x-request-id': 'of-this-request' });
    expect(await shop.entries()).toEqual(
      [target(shop)].flat().map((about) => ({
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        at: '2026-01-01T00:00:02.000Z',
        operator: namelessOperators.withToken,
        action,
        ...(about === undefined ? {} : { target: about }),
        requestId: 'of-this-request',
      })),
    );
  });

  test('about a shopper stays after the erasure, without the shopper’s id', async () => {
    const { ask, entries, store } = await aShop();
    await ask({ method: 'GET', path: `${shopperApiPath}/:shopper` }).expect(200);
    await ask({ method: 'DELETE', path: `${shopperApiPath}/:shopper` }).expect(200);
    expect((await entries()).map(({ action }) => action)).toEqual(['erase-shopper', 'export-shopper']);
    expect([...store.values].filter((entry) => entry.join(' ').includes(ada))).toEqual([]);
  });

  test.each([
    ['GET', `${purchaseApiPath}?limit=0`, 400],
    ['GET', `${purchaseApiPath}?purchaseId=x`, 400],
    ['GET', `${deadLetterApiPath}?colour=red`, 400],
    ['GET', `${auditApiPath}?limit=101`, 400],
    ['POST', `${deadLetterApiPath}/x/replay`, 404],
    ['DELETE', `${shopperApiPath}/%00`, 404],
  ] as const)('is not written for the invalid request %s %s', async (method, path, status) => {
    const { ask, entries } = await aShop();
    await ask({ method, path }).expect(status);
    expect(await entries()).toEqual([]);
  });
});

describe('the operator of an audit entry', () => {
  const list = { method: 'GET', path: deadLetterApiPath } as const;
  const named = (value: string) => ({ [operatorHeader]: value });

  test.each([
    ['the operator token without a name', asOperator, namelessOperators.withToken],
    [
      'the operator token and the name that its holder gives, which proves nothing',
      { ...asOperator, ...named('Zo%C3%AB%20Meier') },
      "the operators' token, as Zoë Meier",
    ],
    [
      'the operator token and a name, although the sidecar passed them on',
      { ...asOperator, ...asSidecar, ...named('eve') },
      "the operators' token, as eve",
    ],
    [
      'the operator token and the longest name',
      { ...asOperator, ...named('%E2%82%AC'.repeat(200)) },
      `the operators' token, as ${'€'.repeat(200)}`,
    ],
    ['the sidecar without a name', asSidecar, namelessOperators.unknown],
    ['the sidecar with a name', { ...asSidecar, ...named('Zo%C3%AB%20Meier') }, 'Zoë Meier'],
    [
      'the sidecar with the longest name',
      { ...asSidecar, ...named('%E2%82%AC'.repeat(200)) },
      '€'.repeat(200),
    ],
  ])('comes from %s', async (_what, headers, operator) => {
    const { ask, entries } = await aShop();
    await ask(list, headers).expect(200);
    expect((await entries()).map((entry) => entry.operator)).toEqual([operator]);
  });

  test.each(
    ['', '%', '%ff', '%0A', 'Zoë', 'ada, bob', 'x'.repeat(201)].flatMap((name) => [
      [name, 'the sidecar', asSidecar] as const,
      [name, 'the holder of the token', asOperator] as const,
    ]),
  )('cannot be %j from %s: the request is refused and nothing happens', async (value, _who, headers) => {
    const { ask, entries, letterId, published } = await aShop();
    const path = `${deadLetterApiPath}/${letterId}/replay`;
    const response = await ask({ method: 'POST', path }, { ...headers, ...named(value) }).expect(400);
    const problem = problemDetailsSchema.parse(response.body);
    expect([problem.code, problem.errors?.[0]?.path]).toEqual(['invalid-operator', operatorHeader]);
    expect([await entries(), published]).toEqual([[], []]);
  });

  test('is never logged, and neither is the target', async () => {
    const { ask, logLines } = await aShop();
    for (const operation of areAudited) await ask(operation, { ...asOperator, ...asSidecar });
    await ask(list, { ...asSidecar, ...named('Zo%C3%AB-Meier') }).expect(200);
    await ask(list, { ...asSidecar, ...named('Zo%C3%AB-Meier%') }).expect(400);
    expect(logLines.join('')).not.toMatch(new RegExp(`Meier|${ada}|${shopperKey(ada)}`));
  });
});

describe('GET /api/audit', () => {
  test('answers a page of actions, newest first, starting with this request itself', async () => {
    const { app, ask } = await aShop();
    await ask({ method: 'GET', path: purchaseApiPath }).expect(200);
    await ask({ method: 'GET', path: deadLetterApiPath }).expect(200);
    const read = async (query: Record<string, string | number | undefined>) => {
      const response = await request(app).get(auditApiPath).query(query).set(asSidecar).expect(200);
      return auditPageSchema.parse(response.body);
    };
    const page = await read({ limit: 2 });
    expect(page.entries.map(({ action }) => action)).toEqual(['read-audit-log', 'list-dead-letters']);
    const rest = await read({ limit: 2, cursor: page.next });
    expect(rest.entries.map(({ action }) => action)).toEqual(['list-purchases']);
    expect(rest.next).toBeUndefined();
  });

  test('answers a page of decisions or of views, and refuses another kind', async () => {
    const { app, ask } = await aShop();
    await ask({ method: 'GET', path: deadLetterApiPath }).expect(200);
    await ask({ method: 'POST', path: deadLetterReplayApiPath }).expect(200);
    await ask({ method: 'GET', path: purchaseApiPath }).expect(200);
    const read = async (query: Record<string, string>, status = 200) => {
      const response = await request(app).get(auditApiPath).query(query).set(asSidecar).expect(status);
      return response.body as unknown;
    };
    const actionsOf = async (query: Record<string, string>) =>
      auditPageSchema.parse(await read(query)).entries.map(({ action }) => action);
    expect(await actionsOf({ kind: 'decisions' })).toEqual(['replay-dead-letter', 'list-dead-letters']);
    expect(await actionsOf({ kind: 'views' })).toEqual([
      'read-audit-log',
      'read-audit-log',
      'list-purchases',
      'list-dead-letters',
    ]);
    const all = auditPageSchema.parse(await read({ limit: '3' }));
    expect(await actionsOf({ kind: 'decisions', cursor: all.next ?? '', limit: '1' })).toEqual([
      'replay-dead-letter',
    ]);
    expect(problemDetailsSchema.parse(await read({ kind: 'deeds' }, 400)).code).toBe('invalid-request');
  });

  test('answers only the sidecar and operators, and refuses a cursor that no page returned', async () => {
    const { app } = await aShop();
    await request(app).get(auditApiPath).expect(401);
    const response = await request(app).get(`${auditApiPath}?cursor=x`).set(asOperator).expect(400);
    expect(problemDetailsSchema.parse(response.body).code).toBe('invalid-cursor');
  });
});
