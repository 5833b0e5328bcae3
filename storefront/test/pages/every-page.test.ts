import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { v7 } from 'uuid';
import { createTestApp, signedIn } from '../fakes/test-app.js';

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

test.each(['/style.css', '/desk.css', '/page.js', '/live.js', '/favicon.svg', '/robots.txt'])(
  'GET %s is answered with the file',
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
])('GET %s is answered with the page for 404', async (path) => {
  const response = await request(createTestApp().app).get(path).expect(404);
  expect(response.type).toBe('text/html');
});
