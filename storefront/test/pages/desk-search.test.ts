import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  activityApiPath,
  deadLetterApiPath,
  purchaseApiPath,
  purchaseSearchApiPath,
  shopperKey,
  type DeadLetterDetails,
  type JournalEntry,
  type PurchaseSearchResult,
} from '@unity-purchase/contracts';
import type { Invocation } from '@unity-purchase/service-kit';
import request from 'supertest';
import { textOfPage } from '../fakes/html.js';
import { createTestApp, sameSite, type TestApp } from '../fakes/test-app.js';

const operatorToken = 'the-token-of-operators';
const purchaseId = '019a0000-0000-7000-8000-000000000001';
const letterId = '0123456789abcdef0123456789abcdef';

const anEntry = (shopperId: string, shopperName?: string): JournalEntry => ({
  shopperId,
  ...(shopperName === undefined ? {} : { shopperName }),
  purchaseId,
  total: { amount: 4200, currency: 'EUR' },
  recordedAt: '2026-01-01T10:00:00.000Z',
});
const letter: DeadLetterDetails = {
  id: letterId,
  reason: 'not-recorded',
  arrivedAt: '2026-01-01T10:00:00.000Z',
  state: 'waiting',
  replays: 0,
  problems: [],
  replayable: true,
  problemsNow: [],
  base64: '',
};
const problem = (status: number, code: string): Invocation => ({
  status,
  body: { type: 'x', title: 'x', status, code },
});

let shop: TestApp;
let sent: (string | object)[];
/** What is stored: purchases by id, by shopper, by the name or start that is searched, and dead letters. */
let stored: {
  ids: Record<string, JournalEntry>;
  shoppers: Record<string, JournalEntry>;
  searches: Record<string, PurchaseSearchResult>;
  letters: string[];
};

beforeEach(() => {
  shop = createTestApp({ operatorToken });
  sent = [];
  stored = { ids: {}, shoppers: {}, searches: {}, letters: [] };
  shop.behind.invoke = (path, method, headers = {}, _signal, body) => {
    if (path === activityApiPath) return Promise.resolve(problem(503, 'store-unavailable'));
    sent.push(body ?? path);
    if (headers['x-operator'] === undefined) throw new Error('nobody is named');
    return Promise.resolve(answerTo(path, method ?? 'GET', body));
  };
});

function answerTo(path: string, method: string, body: object | undefined): Invocation {
  const { pathname, searchParams } = new URL(path, 'http://purchase-service');
  if (pathname === purchaseSearchApiPath && method === 'POST') {
    const [what = ''] = Object.values(body ?? {}) as string[];
    return { status: 200, body: stored.searches[what] ?? { purchases: [], isComplete: true } };
  }
  if (pathname === purchaseApiPath) {
    const found =
      stored.ids[searchParams.get('purchaseId') ?? ''] ?? stored.shoppers[searchParams.get('shopper') ?? ''];
    return {
      status: 200,
      body: { purchases: found === undefined ? [] : [found], totals: { count: 1, sums: {} } },
    };
  }
  const id = pathname.slice(deadLetterApiPath.length + 1);
  return stored.letters.includes(id) ? { status: 200, body: letter } : problem(404, 'dead-letter-not-found');
}

async function operator() {
  const agent = request.agent(shop.app);
  await sameSite(agent.post('/operators/sign-in')).type('form').send({ token: operatorToken }).expect(303);
  return agent;
}

const search = async (q: string, query: Record<string, string> = {}) =>
  (await operator()).get('/operators/search').query({ q, ...query });
const show = async (q: string, query?: Record<string, string>) =>
  textOfPage((await search(q, query).then((response) => response)).text);

test('every page of the desk has the search box', async () => {
  const agent = await operator();
  for (const path of ['/operators', '/operators/search', '/operators/search?q=x']) {
    const { text } = await agent.get(path).expect(200);
    expect(text).toContain('<form class="desk-search" method="get" action="/operators/search">');
    expect(text).toContain('<label class="visually-hidden" for="desk-search">Search the desk</label>');
  }
});

describe('a search that finds exactly one thing leads to its page', () => {
  const key = shopperKey('ada/1815');
  const page = `/operators/purchases/${purchaseId}?shopper=ada%2F1815`;
  const customer = '/operators/purchases?shopper=ada%2F1815';

  test.each([
    ['a purchase number', purchaseId, page],
    ['a purchase number in upper case, with spaces around it', ` ${purchaseId.toUpperCase()} `, page],
    ['the start of a purchase number', '019A0000', page],
    ['a customer number', 'ada/1815', customer],
    ['the key of a customer', key, customer],
    ['the id of a dead letter', letterId, `/operators/dead-letters/${letterId}`],
  ])('%s', async (_what, q, address) => {
    const entry = anEntry('ada/1815', 'Ada');
    stored.ids[purchaseId] = entry;
    stored.shoppers[key] = entry;
    stored.searches['019a0000'] = { purchases: [entry], isComplete: true };
    stored.letters.push(letterId);
    const response = await search(q);
    expect([response.status, response.headers['location']]).toEqual([303, address]);
  });
});

describe('the results of a search', () => {
  test('are customers with such a name, with their newest purchases', async () => {
    stored.searches['zoe'] = {
      purchases: [anEntry('z/1', 'Zoë <b>Meier</b>'), anEntry('z2', 'Zoe')],
      isComplete: true,
    };
    const { text, status } = await search('zoe');
    expect(status).toBe(200);
    expect(text).toContain(
      '<a href="/operators/purchases?shopper=z%2F1"><bdi>Zoë &lt;b&gt;Meier&lt;/b&gt;</bdi></a>',
    );
    expect(text).toContain(`href="/operators/purchases/${purchaseId}?shopper=z2"`);
    const page = textOfPage(text);
    expect(page).toContain('Results for “zoe”');
    expect(page).toContain('Customers');
    expect(page).toContain('The name was searched in all purchases.');
    expect(page).not.toContain('Nothing was found');
    expect(page).not.toContain('What you can search for');
    // The box keeps what was typed.
    expect(text).toMatch(/<input id="desk-search"[^>]* value="zoe"/);
  });

  test('show one customer with such a name without leading there, because other customers may be meant', async () => {
    stored.searches['zoe'] = { purchases: [anEntry('z1', 'Zoë')], isComplete: true };
    expect((await search('zoe')).status).toBe(200);
  });

  test('begin with the customer whose number it is, once', async () => {
    stored.shoppers[shopperKey('ada')] = anEntry('ada', 'Ada Lovelace');
    stored.searches['ada'] = {
      purchases: [anEntry('x7', 'Ada Byron'), anEntry('ada', 'Ada Lovelace')],
      isComplete: true,
    };
    const { text } = await search('ada');
    const customers = [...text.matchAll(/href="\/operators\/purchases\?shopper=(\w+)"/g)];
    expect(customers.map(([, shopper]) => shopper)).toEqual(['ada', 'x7']);
  });

  test('say how far a name was searched, and continue with older purchases', async () => {
    const searched = { count: 5_000, backTo: '2025-11-03T10:00:00.000Z' };
    stored.searches['zoe'] = { purchases: [], isComplete: false, searched, next: 'older' };
    const { text } = await search('zoe');
    const page = textOfPage(text);
    expect(page).toContain('Nothing was found yet.');
    expect(page).toContain('searched in 5,000 purchases, newest first, back to 3 Nov 2025, 10:00 UTC.');
    expect(text).toContain('href="/operators/search?q=zoe&amp;cursor=older"');
    sent = [];
    stored.searches['zoe'] = { purchases: [], isComplete: true, searched: { count: 3 } };
    expect(await show('zoe', { cursor: 'older' })).toContain('The name was searched in all older purchases.');
    expect(sent).toEqual([{ name: 'zoe', cursor: 'older' }]);
  });

  test('are all purchases whose number begins so, and a note if there may be more', async () => {
    stored.searches['019a0000'] = { purchases: [anEntry('ada', 'Ada'), anEntry('eve')], isComplete: true };
    const { text } = await search('019a0000');
    expect(text).toContain(`href="/operators/purchases/${purchaseId}?shopper=ada"`);
    expect(text).toContain(`href="/operators/purchases/${purchaseId}?shopper=eve"`);
    expect(textOfPage(text)).not.toContain('Enter the whole number');
    stored.searches['019a0000'] = { purchases: [anEntry('ada')], isComplete: false };
    expect(await show('019a0000')).toContain('Enter the whole number to find one.');
  });

  test('ask for the customer of a purchase that cannot be found without one', async () => {
    shop.behind.invoke = (path, method, _headers, _signal, body) =>
      Promise.resolve(
        path.includes('purchaseId') ? problem(400, 'shopper-wanted') : answerTo(path, method ?? 'GET', body),
      );
    const { text } = await search(purchaseId);
    expect(text).toContain(
      `<a href="/operators/purchases?purchase=${purchaseId}">Enter the customer number as well</a>`,
    );
  });

  test('say plainly that nothing was found, and what can be searched for', async () => {
    const page = await show('nobody');
    expect(page).toContain('Nothing was found.');
    expect(page).toContain('A purchase number, or its first 13 characters');
    const response = await (
      await operator()
    )
      .get('/operators/search')
      .set('Accept-Language', 'de')
      .query({ q: 'x' });
    expect(textOfPage(response.text)).toContain('Nichts gefunden.');
    expect(response.text).not.toContain('undefined');
  });

  test('are what the earlier purchase-service finds, and say what it cannot', async () => {
    shop.behind.invoke = (path, method, _headers, _signal, body) =>
      Promise.resolve(
        path === purchaseSearchApiPath ? problem(404, 'not-found') : answerTo(path, method ?? 'GET', body),
      );
    expect(await show('zoe')).toContain('cannot be searched until the purchase-service is updated');
    stored.shoppers[shopperKey('ada')] = anEntry('ada');
    expect((await search('ada')).headers['location']).toBe('/operators/purchases?shopper=ada');
  });

  test('are an error if they cannot be read', async () => {
    shop.behind.invoke = () => Promise.resolve(problem(503, 'store-unavailable'));
    expect((await search('zoe')).status).toBe(503);
  });
});

describe('a search', () => {
  test('sends names in bodies and customer numbers as keys, because addresses are in traces', async () => {
    await search('Ada');
    expect(sent).toContainEqual({ name: 'Ada' });
    expect(sent).toContain(`${purchaseApiPath}?shopper=${shopperKey('Ada').replace('~', '%7E')}&limit=1`);
    expect(sent.filter((each) => typeof each === 'string').join()).not.toContain('Ada');
  });

  test.each([purchaseId, letterId, '019a0000', '4711', shopperKey('ada')])(
    'for the number %s does not search names',
    async (q) => {
      await search(q);
      expect(sent.filter((each) => typeof each === 'object' && 'name' in each)).toEqual([]);
    },
  );

  test.each(['', '  '])('for %j finds nothing, asks nobody and says what can be searched for', async (q) => {
    const { text, status } = await search(q);
    expect([status, sent]).toEqual([200, []]);
    expect(textOfPage(text)).toContain('What you can search for');
    expect(textOfPage(text)).not.toContain('Nothing was found');
  });

  test('for too long a text is refused with a message that leads to the box', async () => {
    const { text, status } = await search('x'.repeat(129));
    expect([status, sent]).toEqual([400, []]);
    expect(text).toContain('<a href="#desk-search">Enter at most 128 characters</a>');
  });

  test('needs an operator', async () => {
    const response = await request(shop.app).get('/operators/search?q=ada').expect(303);
    expect(response.headers['location']).toContain('/operators/sign-in');
  });
});
