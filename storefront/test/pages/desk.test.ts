import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  auditApiPath,
  auditTargets,
  namelessOperators,
  purchaseApiPath,
  purchasePlaced,
  purchaseSchema,
  shopperKey,
  tokenHolder,
  type AuditEntry,
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

describe('the audit log', () => {
  const at = '2026-01-01T10:00:07.000Z';
  const letterId = 'f'.repeat(32);
  const anEntry = (change: Partial<AuditEntry>): AuditEntry => ({
    id: '019a0000-0000-7000-8000-000000000002',
    at,
    operator: 'grace',
    action: 'replay-dead-letter',
    target: letterId,
    requestId: 'request-1',
    ...change,
  });
  const log = (entries: AuditEntry[], next?: string) => ({ status: 200, body: { entries, next } });
  const german = async (path: string) =>
    textOfPage((await (await operator()).get(path).set('Accept-Language', 'de').expect(200)).text);

  test('shows time to the second, operator, action with its request, and target', async () => {
    answers[auditApiPath] = log([anEntry({})]);
    const page = await show('/operators/audit-log');
    expect(page).toContain(
      `1 Jan 2026, 10:00:07 UTC grace Replayed a dead letter Request ID request-1 Dead letter ffffffff ${letterId}`,
    );
  });

  test('has decisions first, and views on a page of their own', async () => {
    answers[auditApiPath] = log([anEntry({})], 'older');
    const agent = await operator();
    const { text: decisions } = await agent.get('/operators/audit-log').expect(200);
    expect(decisions).toContain('<a href="/operators/audit-log" aria-current="page">Decisions</a>');
    expect(decisions).toContain('href="/operators/audit-log?kind=views"');
    expect(decisions).toContain('href="/operators/audit-log?cursor=older"');
    const { text: views } = await agent.get('/operators/audit-log?kind=views&cursor=c').expect(200);
    expect(views).toContain('<a href="/operators/audit-log?kind=views" aria-current="page">Views</a>');
    expect(views).toContain('href="/operators/audit-log?kind=views&amp;cursor=older"');
    await agent.get('/operators/audit-log?kind=deeds').expect(200);
    expect(requested.map(({ path }) => path)).toEqual([
      `${auditApiPath}?kind=decisions`,
      `${auditApiPath}?kind=views&cursor=c`,
      `${auditApiPath}?kind=decisions`,
    ]);
  });

  test('leads to each thing that an entry is about', async () => {
    const key = shopperKey('ada');
    answers[auditApiPath] = log([
      anEntry({}),
      anEntry({ action: 'read-purchase', target: purchase.purchaseId }),
      anEntry({ action: 'erase-shopper', target: key }),
    ]);
    const { text } = await (await operator()).get('/operators/audit-log').expect(200);
    expect(text).toContain(
      `<a href="/operators/dead-letters/${letterId}">Dead letter <code>ffffffff</code></a>`,
    );
    expect(text).toContain(
      `<a href="/operators/search?q=${purchase.purchaseId}">Purchase <code>019a0000-0000</code></a>`,
    );
    expect(text).toContain(
      `<a href="/operators/search?q=%7E${key.slice(1)}">Shopper <code>${key.slice(0, 9)}`,
    );
    for (const id of [letterId, purchase.purchaseId, key]) expect(text).toContain(`<code>${id}</code>`);
  });

  test('says what an entry is about in words where the target tells', async () => {
    answers[auditApiPath] = log([
      anEntry({ action: 'list-dead-letters', target: auditTargets.replayMany }),
      anEntry({ action: 'list-purchases', target: 'rebuild/history/repair' }),
      anEntry({ action: 'list-purchases', target: 'rebuild/journal' }),
      anEntry({ action: 'find-purchase', target: auditTargets.name }),
      anEntry({ action: 'find-purchase', target: auditTargets.numberStart('019a0000') }),
    ]);
    const page = await show('/operators/audit-log');
    for (const words of [
      'Replayed dead letters that were waiting Request ID request-1 –',
      'Repaired stored purchases Request ID request-1 history/repair',
      'Compared stored purchases Request ID request-1 journal',
      'Searched for a name Request ID request-1 –',
      'Number starting with 019a0000',
    ])
      expect(page).toContain(words);
  });

  test('shows the reason of a decision as text', async () => {
    answers[auditApiPath] = log([anEntry({ action: 'discard-dead-letter', reason: 'A <b>test</b>' })]);
    const { text } = await (await operator()).get('/operators/audit-log').expect(200);
    expect(text).toContain('Reason: <bdi>A &lt;b&gt;test&lt;/b&gt;</bdi>');
  });

  test.each([
    [namelessOperators.withToken, 'Operator with the token', 'Betreiber mit Token'],
    [tokenHolder('Zoë'), 'Operator with the token, as Zoë', 'Betreiber mit Token, als Zoë'],
    [namelessOperators.unknown, 'Unnamed operator', 'Betreiber ohne Namen'],
    ['grace', 'grace', 'grace'],
  ])('shows the operator %j in the language of the page', async (name, inEnglish, inGerman) => {
    answers[auditApiPath] = log([anEntry({ operator: name })]);
    expect(await show('/operators/audit-log')).toContain(`UTC ${inEnglish} Replayed`);
    const page = await german('/operators/audit-log');
    expect(page).toContain(`UTC ${inGerman} Dead Letter erneut gesendet`);
    expect(page).not.toContain("operators' token");
  });

  test('tells an empty log from a part of it without entries of the kind', async () => {
    answers[auditApiPath] = log([]);
    expect(await show('/operators/audit-log')).toContain('There are no decisions yet.');
    answers[auditApiPath] = log([], 'older');
    const page = await show('/operators/audit-log');
    expect(page).toContain('There are none in this part of the log. Older entries may have more.');
    expect(page).toContain('Older');
  });

  test('is divided by the desk while a purchase-service of version 0.1.0 answers', async () => {
    const entries = [anEntry({}), anEntry({ action: 'read-purchase', target: purchase.purchaseId })];
    shop.behind.invoke = (path) => {
      const problem = { type: 'x', title: 'x', status: 400, code: 'invalid-request' };
      return Promise.resolve(path.includes('kind') ? { status: 400, body: problem } : log(entries, 'older'));
    };
    const decisions = await show('/operators/audit-log');
    expect(decisions).toContain('Replayed a dead letter');
    expect(decisions).not.toContain('Viewed a purchase');
    const views = await show('/operators/audit-log?kind=views');
    expect(views).toContain('Viewed a purchase');
    expect(views).not.toContain('Replayed a dead letter');
  });
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
