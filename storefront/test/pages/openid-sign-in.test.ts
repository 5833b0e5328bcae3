import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { comeBack, createShopOf, startFakeIssuer, type FakeIssuer } from '../fakes/fake-issuer.js';
import { textOfPage } from '../fakes/html.js';
import { createTestApp, sameSite, type TestApp } from '../fakes/test-app.js';

let fake: FakeIssuer;

beforeEach(async () => {
  fake = await startFakeIssuer();
});

afterEach(async () => {
  await fake[Symbol.asyncDispose]();
});

const sessionOf = (response: { get: (name: 'Set-Cookie') => string[] | undefined }) =>
  (response.get('Set-Cookie') ?? []).find((cookie) => cookie.startsWith('session=')) ?? '';

/** The cookie of Ada's session in a shop with demo sign-in. */
async function demoSession({ app }: TestApp): Promise<string> {
  const form = sameSite(request(app).post('/sign-in')).type('form');
  return sessionOf(await form.send({ id: 'ada', name: 'Ada' }).expect(303));
}

const isSignedIn = async ({ app }: TestApp, cookie: string) => {
  const { text } = await request(app)
    .get('/')
    .set('Cookie', cookie.split(';')[0] ?? '')
    .expect(200);
  return text.includes('Sign out');
};

async function signInsBy(shop: TestApp): Promise<Record<string, number>> {
  const text = await shop.registry.getSingleMetricAsString('sign_ins_total');
  return Object.fromEntries(
    [...text.matchAll(/outcome="([\w-]+)"\} (\d+)/g)].map(([, outcome, count]) => [outcome, Number(count)]),
  ) as Record<string, number>;
}

describe('a session', () => {
  test('from the issuer signs in, is counted, and leads to the page that was asked for', async () => {
    const shop = createShopOf(fake.issuer);
    const { agent, response } = await comeBack(shop.app, fake);
    expect([response.status, response.get('Location')]).toEqual([303, '/basket']);
    expect((await agent.get('/')).text).toContain('Sign out');
    expect(await signInsBy(shop)).toMatchObject({ 'signed-in': 1, failed: 0, misconfigured: 0 });
  });

  test('from the demo ends when an issuer replaces the demo, and stays when both are offered', async () => {
    const demo = createTestApp();
    const cookie = await demoSession(demo);
    expect(await isSignedIn(demo, cookie)).toBe(true);
    expect(await isSignedIn(createShopOf(fake.issuer), cookie)).toBe(false);
    expect(await isSignedIn(createShopOf(fake.issuer, { demoSignIn: true }), cookie)).toBe(true);
  });

  test('from one issuer ends when another replaces it, or when only the demo is left', async () => {
    const cookie = sessionOf((await comeBack(createShopOf(fake.issuer).app, fake)).response);
    expect(await isSignedIn(createShopOf(fake.issuer), cookie)).toBe(true);
    expect(await isSignedIn(createShopOf(fake.issuer.slice(0, -1)), cookie)).toBe(true);
    expect(await isSignedIn(createShopOf('https://elsewhere.example'), cookie)).toBe(false);
    expect(await isSignedIn(createTestApp(), cookie)).toBe(false);
  });

  test('that has ended closes the pages and the API', async () => {
    const [demo, shop] = [createTestApp(), createShopOf(fake.issuer)];
    const [cookie = ''] = (await demoSession(demo)).split(';');
    await request(demo.app).post('/api/purchases').set('Cookie', cookie).send({}).expect(400);
    await request(shop.app).post('/api/purchases').set('Cookie', cookie).send({}).expect(401);
    await request(shop.app).get('/api/purchases').set('Cookie', cookie).expect(401);
    await request(shop.app).get('/purchases').set('Cookie', cookie).expect(303);
    await request(shop.app).get('/purchases.csv').set('Cookie', cookie).expect(303);
  });
});

describe('the page to return to', () => {
  test.each([2_700, 10_000])('leads to the start page if its address has %i characters', async (length) => {
    const shop = createShopOf(fake.issuer);
    const { response } = await comeBack(shop.app, fake, { returnTo: `/${'x'.repeat(length)}` });
    expect([response.status, response.get('Location')]).toEqual([303, '/']);
  });

  test('never makes the headers of a redirect longer than 4 kB', async () => {
    const { app } = createShopOf(fake.issuer);
    for (const path of ['/purchases?', '/checkout?', '/purchases?month='])
      for (const text of ['x'.repeat(9_000), '%F0%9F%99%82'.repeat(700), '%25'.repeat(230)]) {
        const { status, headers } = await request(app).get(path + text);
        expect(status).toBe(303);
        expect(JSON.stringify(headers).length).toBeLessThan(4_096);
      }
  });
});

describe('an issuer that refuses the shop', () => {
  const refusals = (error: string, status = 401, headers: Record<string, string> = {}) => ({
    status,
    headers,
    body: { error, error_description: `because of ${error}` },
  });

  test.each([
    ['in a body', refusals('invalid_client')],
    ['in a body with status 400', refusals('invalid_client', 400)],
    ['in a challenge', refusals('invalid_client', 401, { 'www-authenticate': 'Basic realm="issuer"' })],
    ['because of its grant', refusals('unauthorized_client', 400)],
    ['because of its scope', refusals('invalid_scope', 400)],
    ['in its own words', refusals('invalid_resource', 400)],
  ])(
    '%s gets no loop: the page says that it is our mistake, and one error in the log says why',
    async (_where, answer) => {
      const shop = createShopOf(fake.issuer);
      fake.tokenAnswer = answer;
      const { response } = await comeBack(shop.app, fake);
      expect(response.status).toBe(500);
      const page = textOfPage(response.text);
      expect(page).toContain('No one can sign in at the moment');
      expect(page).toContain('This is our mistake');
      expect(page).not.toContain('Try again');
      const errors = shop.logLines.filter((line) => line.includes('"level":"error"'));
      expect(errors).toHaveLength(1);
      expect(errors[0]).toContain('the issuer refuses the shop');
      expect(errors[0]).toContain('OIDC_CLIENT_ID');
      expect(await signInsBy(shop)).toMatchObject({ misconfigured: 1 });
    },
  );

  test.each(['unauthorized_client', 'invalid_scope', 'unsupported_response_type', 'invalid_request'])(
    'by %s in the address gets the same',
    async (error) => {
      const shop = createShopOf(fake.issuer);
      const { response } = await comeBack(shop.app, fake, { answer: { error } as never });
      expect(response.status).toBe(500);
      expect(response.text).toContain('This is our mistake');
    },
  );
});

describe('what is not the shop’s mistake', () => {
  test.each([
    ['access_denied', 400, 'You are not signed in', 'refused'],
    ['login_required', 400, 'Sign-in failed', 'failed'],
    ['temporarily_unavailable', 503, 'Sign-in is not available', 'unavailable'],
    ['server_error', 503, 'Sign-in is not available', 'unavailable'],
  ])('%s in the address is answered with %i', async (error, status, words, outcome) => {
    const shop = createShopOf(fake.issuer);
    const { response } = await comeBack(shop.app, fake, { answer: { error } as never });
    expect([response.status, response.text]).toEqual([status, expect.stringContaining(words)]);
    expect(await signInsBy(shop)).toMatchObject({ [outcome]: 1 });
  });

  test('a code that the issuer does not know is answered with 400', async () => {
    fake.tokenAnswer = { status: 400, body: { error: 'invalid_grant' } };
    const { response } = await comeBack(createShopOf(fake.issuer).app, fake);
    expect([response.status, response.text]).toEqual([400, expect.stringContaining('Sign-in failed')]);
  });

  test('an issuer that fails leads back to the start, because the address with the code works only once', async () => {
    fake.tokenAnswer = { status: 502, body: 'x' };
    const { response } = await comeBack(createShopOf(fake.issuer).app, fake);
    expect(response.status).toBe(503);
    expect(response.text).toMatch(/href="\/sign-in"[^>]*>Try again/);
    expect(response.text).not.toContain('code=');
  });
});
