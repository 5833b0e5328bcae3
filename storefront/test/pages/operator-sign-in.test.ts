import { beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { Agent } from '../fakes/browser.js';
import { createTestApp, sameSite, signedIn, type TestApp } from '../fakes/test-app.js';

const operatorToken = 'the-token-of-operators';
const id = '0123456789abcdef0123456789abcdef';

let shop: TestApp;

beforeEach(() => {
  shop = createTestApp({ operatorToken });
  shop.behind.invoke = () => Promise.resolve({ status: 200, body: { deadLetters: [] } });
});

const admit = (agent: Agent, token = operatorToken, returnTo?: string) =>
  sameSite(agent.post('/operators/sign-in'))
    .type('form')
    .send({ token, ...(returnTo === undefined ? {} : { returnTo }) });

async function operator(): Promise<Agent> {
  const agent = request.agent(shop.app);
  await admit(agent).expect(303);
  return agent;
}

describe('the operators’ pages', () => {
  test.each([
    ['GET', '/operators'],
    ['GET', '/operators/dead-letters'],
    ['GET', `/operators/dead-letters/${id}`],
    ['POST', `/operators/dead-letters/${id}/replay`],
    ['POST', `/operators/dead-letters/${id}/discard`],
  ] as const)('%s %s redirect strangers and shoppers to the operator sign-in', async (method, path) => {
    for (const agent of [request.agent(shop.app), await signedIn(shop)]) {
      const sent = method === 'GET' ? agent.get(path) : sameSite(agent.post(path));
      const response = await sent.expect(303);
      expect(response.get('Location')).toMatch(/^\/operators\/sign-in\?returnTo=%2Foperators/);
    }
    expect(shop.invoked).toEqual([]);
  });

  test('open with the token, lead to the page that was asked for, and close after signing out', async () => {
    const agent = request.agent(shop.app);
    const response = await admit(agent, operatorToken, `/operators/dead-letters/${id}`).expect(303);
    expect(response.get('Location')).toBe(`/operators/dead-letters/${id}`);
    expect(response.get('Set-Cookie')?.join()).not.toContain(operatorToken);
    expect((await agent.get('/').expect(200)).text).toContain('href="/operators"');
    await sameSite(agent.post('/sign-out')).expect(303);
    await agent.get('/operators/dead-letters').expect(303);
  });

  test.each(['https://elsewhere.example/', '//elsewhere.example', '/purchases', '/operators/../purchases'])(
    'never redirect to %s',
    async (returnTo) => {
      const response = await admit(request.agent(shop.app), operatorToken, returnTo).expect(303);
      expect(response.get('Location')).toBe('/operators');
    },
  );

  test('stay closed for a wrong token, never repeat it, and limit the attempts', async () => {
    const agent = request.agent(shop.app);
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const { text: page } = await admit(agent, 'a-guess-at-the-token').expect(403);
      expect(page).toContain('This operator token is not correct');
      expect(page).not.toContain('a-guess-at-the-token');
    }
    await admit(agent).expect(429);
    await agent.get('/operators/dead-letters').expect(303);
    expect(shop.logLines.join('')).not.toMatch(/a-guess-at|the-token-of/);
  });

  test('refuse a token that another site sends', async () => {
    await request(shop.app)
      .post('/operators/sign-in')
      .set('Sec-Fetch-Site', 'cross-site')
      .type('form')
      .send({ token: operatorToken })
      .expect(403);
  });

  test('keep a shopper signed in as before', async () => {
    const agent = await signedIn(shop, 'ada', 'Ada');
    await admit(agent).expect(303);
    expect((await agent.get('/').expect(200)).text).toContain('Ada');
  });

  test('close when another shopper signs in', async () => {
    const agent = await operator();
    await agent.get('/operators/dead-letters').expect(200);
    await sameSite(agent.post('/sign-in')).type('form').send({ id: 'eve', name: 'Eve' }).expect(303);
    await agent.get('/operators/dead-letters').expect(303);
  });

  test('do not exist when no token is configured', async () => {
    const { app } = createTestApp();
    await request(app).get('/operators/sign-in').expect(404);
    await request(app).get('/operators/dead-letters').expect(404);
  });

  test('close when the token changes', async () => {
    const cookie = (await admit(request.agent(shop.app)).expect(303)).get('Set-Cookie')?.[0] ?? '';
    const changed = createTestApp({ operatorToken: 'another-token-of-operators' });
    await request(changed.app).get('/operators/dead-letters').set('Cookie', cookie).expect(303);
  });
});
