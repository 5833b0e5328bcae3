import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  auditApiPath,
  purchaseApiPath,
  purchasePlaced,
  purchaseSchema,
  shopperKey,
} from '@unity-purchase/contracts';
import type { Invocation } from '@unity-purchase/service-kit';
import request from 'supertest';
import { textOfPage } from '../fakes/html.js';
import { createTestApp, recorded, sameSite, signedIn, unanswered, type TestApp } from '../fakes/test-app.js';

const operatorToken = 'the-token-of-operators';
const purchase = purchaseSchema.parse({
  purchaseId: '019a0000-0000-7000-8000-000000000001',
  shopper: { id: 'ada/1815', name: 'Ada <b>Lovelace</b>' },
  lines: [{ sku: 'teapot', title: 'Teapot', quantity: 1, unitPrice: 4200 }],
  total: { amount: 4200, currency: 'EUR' },
  placedAt: '2026-01-01T10:00:00.000Z',
});
const record = recorded(purchase);
const entry = {
  shopperId: purchase.shopper.id,
  purchaseId: purchase.purchaseId,
  total: purchase.total,
  recordedAt: record.recordedAt,
};
let shop: TestApp;
let requested: { path: string; operator: string | undefined }[];
let answers: Record<string, Invocation>;

beforeEach(() => {
  shop = createTestApp({ operatorToken });
  requested = [];
  const ok = (body: unknown) => ({ status: 200, body });
  answers = {
    [purchaseApiPath]: ok({ purchases: [entry], totals: { count: 5000, sums: { EUR: 1 } }, next: 'older' }),
    [`${purchaseApiPath}/${shopperKey(purchase.shopper.id)}/${purchase.purchaseId}/event`]: ok({
      ...record,
      event: { ...purchasePlaced(purchase), traceid: '00-abc' },
    }),
    [auditApiPath]: ok({
      entries: [
        {
          id: '019a0000-0000-7000-8000-000000000002',
          at: '2026-01-01T10:00:00.000Z',
          operator: 'grace',
          action: 'replay-dead-letter',
          target: 'f'.repeat(32),
          requestId: 'request-1',
        },
      ],
    }),
  };
  shop.behind.invoke = (path, _method, headers = {}) => {
    requested.push({ path, operator: headers['x-operator'] });
    const answer = answers[path.split('?')[0] ?? ''];
    return answer === undefined ? unanswered() : Promise.resolve(answer);
  };
});

async function operator() {
  const agent = request.agent(shop.app);
  await sameSite(agent.post('/operators/sign-in')).type('form').send({ token: operatorToken }).expect(303);
  return agent;
}

const show = async (path: string, status = 200) =>
  textOfPage((await (await operator()).get(path).expect(status)).text);

describe('all purchases', () => {
  test('are listed with links to each purchase, to its shopper and to older purchases', async () => {
    const { text } = await (await operator()).get('/operators/purchases').expect(200);
    expect(textOfPage(text)).toContain('Recorded purchases: about 5,000');
    expect(text).toContain(`href="/operators/purchases/${purchase.purchaseId}?shopper=ada%2F1815"`);
    expect(text).toContain('href="/operators/purchases?shopper=ada%2F1815"');
    expect(text).toContain('href="/operators/purchases?cursor=older"');
  });

  test('are found by shopper, purchase number and time, on behalf of the signed-in operator', async () => {
    await show('/operators/purchases?shopper=ada%2F1815&before=2026-01-02T10:00&cursor=c');
    await show(`/operators/purchases?purchase=${purchase.purchaseId.toUpperCase()}`);
    const operatorName = encodeURIComponent("the operators' token");
    const query = new URLSearchParams({
      shopper: shopperKey('ada/1815'),
      before: '2026-01-02T10:00:00.000Z',
      cursor: 'c',
    });
    expect(requested).toEqual([
      { path: `${purchaseApiPath}?${query.toString()}`, operator: operatorName },
      { path: `${purchaseApiPath}?purchaseId=${purchase.purchaseId}`, operator: operatorName },
    ]);
  });

  test('are requested with the shopper id of an operator who is also signed in as a shopper', async () => {
    const agent = await signedIn(shop, 'ada', 'Ada');
    await sameSite(agent.post('/operators/sign-in')).type('form').send({ token: operatorToken }).expect(303);
    await agent.get('/operators/purchases').expect(200);
    expect(requested.map((each) => each.operator)).toEqual([
      encodeURIComponent("the operators' token, as ada"),
    ]);
  });

  test.each([
    ['purchase=7', 'Enter a purchase number'],
    ['before=yesterday', 'Enter a date and a time'],
    ['before=2026-13-45T10:00', 'Enter a date and a time'],
  ])(
    'are not requested for the invalid search %s, and the page says what is wrong',
    async (query, message) => {
      expect(await show(`/operators/purchases?${query}`, 400)).toContain(message);
      expect(requested).toEqual([]);
    },
  );

  test('ask for the customer number when a purchase cannot be found without it', async () => {
    answers[purchaseApiPath] = {
      status: 400,
      body: { type: 'x', title: 'x', status: 400, code: 'shopper-wanted' },
    };
    const page = await show(`/operators/purchases?purchase=${purchase.purchaseId}`, 400);
    expect(page).toContain('Enter the customer number as well');
  });

  test('are reported as not found when there are none, and as 503 when they cannot be read', async () => {
    answers[purchaseApiPath] = {
      status: 200,
      body: { purchases: [], totals: { count: 0, sums: {} } },
    };
    expect(await show('/operators/purchases?shopper=eve')).toContain('No purchases found.');
    answers = {};
    const page = await show('/operators/purchases', 503);
    expect(page).toContain('The purchase-service does not answer');
    expect(page).not.toContain('No purchases found');
  });
});

describe('one purchase', () => {
  const path = `/operators/purchases/${purchase.purchaseId}?shopper=ada%2F1815`;

  test('is shown with its event as it was delivered, escaped as text', async () => {
    const { text } = await (await operator()).get(path).expect(200);
    expect(text).toContain('&quot;traceid&quot;: &quot;00-abc&quot;');
    expect(text).toContain('Ada &lt;b&gt;Lovelace&lt;/b&gt;');
    expect(text).not.toContain('<b>Lovelace');
  });

  test('is answered with 404 when it is not recorded', async () => {
    const answer = { type: 'x', title: 'x', status: 404, code: 'purchase-not-recorded' };
    shop.behind.invoke = () => Promise.resolve({ status: 404, body: answer });
    await (await operator()).get(path).expect(404);
    await (await operator()).get(`/operators/purchases/${purchase.purchaseId}`).expect(404);
    await (await operator()).get('/operators/purchases/x?shopper=ada').expect(404);
  });
});

test('the audit log shows operator, action, target and time', async () => {
  const page = await show('/operators/audit-log');
  expect(page).toContain('grace Replayed a dead letter ffffffff');
  expect(page).toContain('request-1');
});

test.each(['/operators/purchases', '/operators/audit-log'])(
  '%s is in German for a German browser',
  async (path) => {
    const agent = await operator();
    const { text } = await agent.get(path).set('Accept-Language', 'de').expect(200);
    expect(text).toContain('Bereiche des Leitstands');
    expect(text).not.toContain('undefined');
  },
);
