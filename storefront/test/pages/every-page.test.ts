import { describe, expect, test } from '@jest/globals';
import { auditApiPath } from '@unity-purchase/contracts';
import request from 'supertest';
import { v7 } from 'uuid';
import { createTestApp, notRecorded, sameSite, signedIn } from '../fakes/test-app.js';

const operatorToken = 'the-token-of-operators';

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

  /** The content of the first such tag. */
  const contentOfMeta = (html: string, name: string) =>
    new RegExp(`<meta name="${name}" content="([^"]+)"`).exec(html)?.[1];

  async function operatorOf(test: ReturnType<typeof createTestApp>) {
    const agent = await signedIn(test);
    await sameSite(agent.post('/operators/sign-in')).type('form').send({ token: operatorToken }).expect(303);
    test.behind.invoke = (path) =>
      Promise.resolve(path.startsWith(auditApiPath) ? { status: 200, body: { entries: [] } } : notRecorded);
    return agent;
  }

  const deskPages = ['/operators/sign-in', '/operators/audit-log'];

  test.each([...pages, ...deskPages])(
    '%s loads only files that exist, from addresses that are cached for a year',
    async (path) => {
      const agent = await operatorOf(createTestApp({ operatorToken }));
      const { text } = await agent.get(path);
      const needed = [...text.matchAll(/<(?:link|script|img)\s[^>]*?(?:href|src)="([^"]+)"/g)];
      expect(needed.length).toBeGreaterThanOrEqual(5);
      for (const [, address = ''] of needed) {
        const { status, headers } = await agent.get(address);
        expect([address, status, headers['cache-control']]).toEqual([
          address,
          200,
          'public, max-age=31536000, immutable',
        ]);
      }
    },
  );

  test.each([...pages, ...deskPages])('%s has a description in both languages', async (path) => {
    const agent = await operatorOf(createTestApp({ operatorToken }));
    const [english, german] = await Promise.all(
      ['en', 'de'].map(async (language) => {
        const { text } = await agent.get(path).set('Accept-Language', language);
        expect(text).toContain(`<html lang="${language}">`);
        return contentOfMeta(text, 'description');
      }),
    );
    for (const description of [english, german]) expect(description).toMatch(/^.{20,160}$/);
    expect(english).not.toBe(german);
  });

  test('describes a product in its own words', async () => {
    const { text } = await request(createTestApp().app).get('/products/mug');
    const description = contentOfMeta(text, 'description') ?? '';
    expect(text).toContain(`<p class="lead">${description}</p>`);
  });

  test.each([
    ['/', true],
    ['/?category=desk', true],
    ['/products/mug', true],
    ['/?q=mug', false],
    ['/basket', false],
    ['/sign-in', false],
    ['/purchases', false],
    ['/operators/audit-log', false],
  ])('%s may be listed by search engines: %j', async (path, isListed) => {
    const agent = await operatorOf(createTestApp({ operatorToken }));
    const { text } = await agent.get(path);
    expect(contentOfMeta(text, 'robots')).toBe(isListed ? undefined : 'noindex');
  });

  test('that fails unexpectedly is answered with 500 and shows nothing but a reference for support', async () => {
    const test = createTestApp();
    test.behind.invoke = () => Promise.reject(new Error('secret detail'));
    const response = await (await signedIn(test)).get('/purchases').set('X-Request-Id', 'ask-me').expect(500);
    expect(response.text).toContain('ask-me');
    expect(response.text).not.toContain('secret detail');
    expect(test.logLines.join('')).toContain('secret detail');
  });
});

test('security.txt says where to report a vulnerability and when that information expires', async () => {
  const { text } = await request(createTestApp().app).get('/.well-known/security.txt').expect(200);
  expect(text).toMatch(
    /^Contact: mailto:security@shop.example\nExpires: (.+)\nPreferred-Languages: en, de\n$/,
  );
  const [, expires = ''] = /Expires: (.+)/.exec(text) ?? [];
  const days = (Date.parse(expires) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(179);
  expect(days).toBeLessThan(365);
});

test.each([
  '/products/unicorn',
  '/products/__proto__',
  '/products/..%2f..',
  '/products/%',
  '/%00',
  '/public/../catalogue.json',
])('GET %s is answered with the page for 404', async (path) => {
  const response = await request(createTestApp().app).get(path).expect(404);
  expect(response.type).toBe('text/html');
});
