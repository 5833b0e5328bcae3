import { describe, expect, test } from '@jest/globals';
import type { HistoryPage } from '@unity-purchase/contracts';
import request from 'supertest';
import { v7 } from 'uuid';
import { createTestApp, recorded, sameSite, signedIn, unanswered } from '../fakes/test-app.js';

function historyOf(count: number, next?: string): HistoryPage {
  const purchases = Array.from({ length: count }, () =>
    recorded({
      purchaseId: v7(),
      shopper: { id: 'ada', name: 'Ada' },
      lines: [{ sku: 'mug', title: 'Mug & <b>saucer</b>', quantity: 2, unitPrice: 1600 }],
      total: { amount: 3200, currency: 'EUR' },
      placedAt: '2026-01-01T10:00:00.000Z',
    }),
  );
  return {
    purchases,
    totals: { count: 5000, sums: { EUR: 16_000_000, JPY: 500 } },
    ...(next ? { next } : {}),
  };
}

describe('the history', () => {
  test('shows purchases, totals by currency and the way to older ones', async () => {
    const test = createTestApp();
    test.behind.invoke = () => Promise.resolve({ status: 200, body: historyOf(3, 'next-cursor') });
    const { text } = await (await signedIn(test)).get('/purchases').expect(200);
    expect(text.match(/€32\.00/g)).toHaveLength(3);
    expect(text).toContain('€160,000.00');
    expect(text).toContain('¥500');
    expect(text).toContain('2 × Mug &amp; &lt;b&gt;saucer&lt;/b&gt;');
    expect(text).toContain('href="/purchases?cursor=next-cursor"');
  });

  test('leads both ways, and by month, with what each month came to drawn and told', async () => {
    const test = createTestApp();
    const months = [
      { month: '2026-10', totals: { count: 0, sums: {} } },
      { month: '2026-11', totals: { count: 3, sums: { EUR: 9600 } } },
    ];
    test.behind.invoke = (path) =>
      Promise.resolve({
        status: 200,
        body: path.endsWith('/months') ? { months } : { ...historyOf(3, 'next-cursor'), previous: 'newer' },
      });
    const { text } = await (await signedIn(test)).get('/purchases?month=2026-11&cursor=c').expect(200);
    expect(text).toContain('href="/purchases?cursor=newer&amp;month=2026-11" rel="prev"');
    expect(text).toContain('href="/purchases?cursor=next-cursor&amp;month=2026-11" rel="next"');
    expect(text).toContain('href="/purchases?month=2026-11" aria-current="true"');
    expect(text).not.toContain('month=2026-10');
    expect(text).toContain('The highest was €96.00 in November 2026');
    expect(test.invoked).toContainEqual(expect.stringContaining('?cursor=c&month=2026-11'));
  });

  test('whose months cannot be read shows everything else', async () => {
    const test = createTestApp();
    test.behind.invoke = (path) =>
      path.endsWith('/months') ? unanswered() : Promise.resolve({ status: 200, body: historyOf(3) });
    const { text } = await (await signedIn(test)).get('/purchases').expect(200);
    expect(text).toContain('Your spending by month cannot be shown right now.');
    expect(text.match(/€32\.00/g)).toHaveLength(3);
  });

  test('of what is no month is 400', async () => {
    const agent = await signedIn(createTestApp());
    for (const month of ['2026-13', '2026', 'x']) await agent.get(`/purchases?month=${month}`).expect(400);
  });

  test('of a shopper who bought nothing says so', async () => {
    const test = createTestApp();
    test.behind.invoke = () =>
      Promise.resolve({ status: 200, body: { purchases: [], totals: { count: 0, sums: {} } } });
    const { text } = await (await signedIn(test)).get('/purchases').expect(200);
    expect(text).toContain('You have not bought anything yet');
  });

  test('that cannot be read is 503 and says unavailable, never "nothing"', async () => {
    const test = createTestApp();
    test.behind.invoke = unanswered;
    const response = await (await signedIn(test)).get('/purchases').expect(503);
    expect(response.text).toContain('Your purchases cannot be shown right now');
    expect(response.text).not.toContain('not bought anything');
  });

  test('with a cursor that nobody gave is 400', async () => {
    const test = createTestApp();
    const body = {
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'invalid-cursor',
      detail: 'No such page.',
    };
    test.behind.invoke = () => Promise.resolve({ status: 400, body });
    const agent = await signedIn(test);
    await agent.get('/purchases?cursor=x').expect(400);
    await agent.get('/purchases?cursor=x&cursor=y').expect(400);
  });
});

describe('signing in', () => {
  test.each([
    ['', 'Ada', 'Customer number must not be empty'],
    ['   ', 'Ada', 'Customer number must not be empty'],
    ['ada', '', 'Name must not be empty'],
    ['a\u0000b', 'Ada', 'Customer number must not contain control characters'],
    ['ada', 'A\u001bda', 'Name must not contain control characters'],
    ['a'.repeat(10_000), 'Ada', 'Customer number must be at most 128 characters long'],
  ])('as %j, %j comes back with what is wrong', async (id, name, message) => {
    const { app } = createTestApp();
    const response = await sameSite(request(app).post('/sign-in'))
      .type('form')
      .send({ id, name })
      .expect(400);
    expect(response.text).toContain(message);
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  test.each(['..', 'a/b', 'a||b', '$where', '🙂', '<script>alert(1)</script>', '"; drop table'])(
    'as %j works, and shows the name as text',
    async (id) => {
      const test = createTestApp();
      const agent = await signedIn(test, id, id);
      const { text } = await agent.get('/').expect(200);
      expect(text).toContain('Sign out');
      expect(text).not.toContain('<script>alert');
    },
  );

  test('sets a cookie that scripts cannot read, and signing out takes it back', async () => {
    const { app } = createTestApp();
    const agent = request.agent(app);
    const response = await sameSite(agent.post('/sign-in')).type('form').send({ id: 'ada', name: 'Ada' });
    expect(String(response.headers['set-cookie'])).toMatch(/^session=.*; HttpOnly; SameSite=Lax/i);
    await sameSite(agent.post('/sign-out')).expect(303);
    expect((await agent.get('/')).text).not.toContain('Sign out');
  });

  test.each([
    'https://elsewhere.example',
    '//elsewhere.example',
    '/\\elsewhere.example',
    'javascript:alert(1)',
    '////x',
    '',
  ])('never leads to %j', async (returnTo) => {
    const { app } = createTestApp();
    const response = await sameSite(request(app).post('/sign-in'))
      .type('form')
      .send({ id: 'a', name: 'A', returnTo });
    expect(response.headers['location']).toMatch(/^\/(?![/\\])/);
  });
});

describe('every page', () => {
  const pages = [
    '/',
    '/products/mug',
    '/products/any-amount',
    '/?q=nothing',
    '/basket',
    '/sign-in',
    '/purchases',
    `/purchases/${v7()}`,
    '/nothing',
  ];

  test.each(pages)(
    '%s has a title, one heading, labels, a skip link, no inline script and no inline style',
    async (path) => {
      const test = createTestApp();
      const agent = await signedIn(test);
      const { text, headers } = await agent.get(path);
      expect(text).toMatch(/<title>[^<]+ – Unity<\/title>/);
      expect(text.match(/<h1/g)).toHaveLength(1);
      expect(text).toContain('<html lang="en">');
      expect(text).toContain('href="#main-content"');
      expect(text).not.toMatch(/<script(?![^>]*src=)|\son\w+=|\sstyle=/);
      for (const [, id] of text.matchAll(/<input id="([^"]+)"/g))
        expect(text).toMatch(new RegExp(`<label [^>]*for="${String(id)}"`));
      expect(headers['content-security-policy']).toContain("script-src 'self'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-powered-by']).toBeUndefined();
    },
  );

  test('that breaks is a 500 that tells nothing but the number to ask about', async () => {
    const test = createTestApp();
    test.behind.invoke = () => Promise.reject(new Error('secret detail'));
    const response = await (await signedIn(test)).get('/purchases').set('X-Request-Id', 'ask-me').expect(500);
    expect(response.text).toContain('ask-me');
    expect(response.text).not.toContain('secret detail');
    expect(test.logLines.join('')).toContain('secret detail');
  });
});

test('security.txt says where to tell of a weakness, and for how long that holds', async () => {
  const { text } = await request(createTestApp().app).get('/.well-known/security.txt').expect(200);
  expect(text).toMatch(
    /^Contact: mailto:security@shop.example\nExpires: (.+)\nPreferred-Languages: en, de\n$/,
  );
  const [, expires = ''] = /Expires: (.+)/.exec(text) ?? [];
  const days = (Date.parse(expires) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(179);
  expect(days).toBeLessThan(365);
});

test.each(['/style.css', '/page.js', '/live.js', '/favicon.svg', '/robots.txt'])(
  'GET %s is there',
  async (path) => {
    await request(createTestApp().app).get(path).expect(200);
  },
);

test.each([
  '/products/unicorn',
  '/products/__proto__',
  '/products/..%2f..',
  '/products/%',
  '/%00',
  '/public/../catalogue.json',
])('GET %s is a page that says not found', async (path) => {
  const response = await request(createTestApp().app).get(path).expect(404);
  expect(response.type).toBe('text/html');
});
