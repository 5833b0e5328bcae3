import { beforeEach, describe, expect, test } from '@jest/globals';
import { deadLetterApiPath, type DeadLetter, type DeadLetterDetails } from '@unity-purchase/contracts';
import type { Invocation } from '@unity-purchase/service-kit';
import request from 'supertest';
import { createTestApp, sameSite, signedIn, unanswered, type TestApp } from '../fakes/test-app.js';

const operatorToken = 'the-token-of-operators';
const id = '0123456789abcdef0123456789abcdef';

const listed: DeadLetter = {
  id,
  reason: 'not-recorded',
  purchaseId: '019a0000-0000-7000-8000-000000000001',
  arrivedAt: '2026-01-01T10:00:00.000Z',
  state: 'waiting',
  replays: 0,
};
const letter: DeadLetterDetails = {
  ...listed,
  problems: [],
  replayable: true,
  problemsNow: [],
  text: '{"name":"<b>Ada</b>"}',
  base64: '',
};

let shop: TestApp;
let asked: [method: string | undefined, path: string][];
let answer: (path: string) => Invocation;

beforeEach(() => {
  shop = createTestApp({ operatorToken });
  asked = [];
  const page = { deadLetters: [listed], next: 'older' };
  answer = (path) => {
    if (path.split('?')[0] === deadLetterApiPath) return { status: 200, body: page };
    return { status: 200, body: path.endsWith(id) ? letter : listed };
  };
  shop.behind.invoke = (path, method) => {
    asked.push([method, path]);
    return Promise.resolve(answer(path));
  };
});

type Agent = ReturnType<typeof request.agent>;

const admit = (agent: Agent, token = operatorToken, returnTo?: string) =>
  sameSite(agent.post('/operators/sign-in'))
    .type('form')
    .send({ token, ...(returnTo === undefined ? {} : { returnTo }) });

async function operator(): Promise<Agent> {
  const agent = request.agent(shop.app);
  await admit(agent).expect(303);
  return agent;
}

describe('operators’ pages', () => {
  test.each([
    ['GET', '/operators'],
    ['GET', '/operators/dead-letters'],
    ['GET', `/operators/dead-letters/${id}`],
    ['POST', `/operators/dead-letters/${id}/replay`],
    ['POST', `/operators/dead-letters/${id}/discard`],
  ] as const)('%s %s is for operators only, and a shopper is none', async (method, path) => {
    for (const agent of [request.agent(shop.app), await signedIn(shop)]) {
      const sent = method === 'GET' ? agent.get(path) : sameSite(agent.post(path));
      const response = await sent.expect(303);
      expect(response.get('Location')).toMatch(/^\/operators\/sign-in\?returnTo=%2Foperators/);
    }
    expect(asked).toEqual([]);
  });

  test('open with the token, lead on to where one wanted to, and close with signing out', async () => {
    const agent = request.agent(shop.app);
    const response = await admit(agent, operatorToken, `/operators/dead-letters/${id}`).expect(303);
    expect(response.get('Location')).toBe(`/operators/dead-letters/${id}`);
    expect(response.get('Set-Cookie')?.join()).not.toContain(operatorToken);
    expect((await agent.get('/').expect(200)).text).toContain('href="/operators"');
    await sameSite(agent.post('/sign-out')).expect(303);
    await agent.get('/operators/dead-letters').expect(303);
  });

  test.each(['https://elsewhere.example/', '//elsewhere.example', '/purchases', '/operators/../purchases'])(
    'never lead on to %s',
    async (returnTo) => {
      const response = await admit(request.agent(shop.app), operatorToken, returnTo).expect(303);
      expect(response.get('Location')).toBe('/operators');
    },
  );

  test('stay closed to a wrong token, which is never shown again, and to guessing', async () => {
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

  test('refuse the token from another site', async () => {
    await request(shop.app)
      .post('/operators/sign-in')
      .set('Sec-Fetch-Site', 'cross-site')
      .type('form')
      .send({ token: operatorToken })
      .expect(403);
  });

  test('leave who shops who they are', async () => {
    const agent = await signedIn(shop, 'ada', 'Ada');
    await admit(agent).expect(303);
    expect((await agent.get('/').expect(200)).text).toContain('Ada');
  });

  test('close when somebody else signs in', async () => {
    const agent = await operator();
    await agent.get('/operators/dead-letters').expect(200);
    await sameSite(agent.post('/sign-in')).type('form').send({ id: 'eve', name: 'Eve' }).expect(303);
    await agent.get('/operators/dead-letters').expect(303);
  });

  test('are not there where there is no token', async () => {
    const { app } = createTestApp();
    await request(app).get('/operators/sign-in').expect(404);
    await request(app).get('/operators/dead-letters').expect(404);
  });

  test('end with the token they were opened with', async () => {
    const cookie = (await admit(request.agent(shop.app)).expect(303)).get('Set-Cookie')?.[0] ?? '';
    const changed = createTestApp({ operatorToken: 'another-token-of-operators' });
    await request(changed.app).get('/operators/dead-letters').set('Cookie', cookie).expect(303);
  });
});

describe('the dead letters', () => {
  test('are listed, with the way to each and to older ones', async () => {
    const { text: page } = await (await operator()).get('/operators/dead-letters').expect(200);
    expect(page).toContain(`href="/operators/dead-letters/${id}"`);
    expect(page).toContain('Could not be recorded in time');
    expect(page).toContain('href="/operators/dead-letters?cursor=older"');
    await (await operator()).get('/operators/dead-letters?cursor=older').expect(200);
    expect(asked.at(-1)).toEqual(['GET', `${deadLetterApiPath}?cursor=older`]);
  });

  test('of a system that loses nothing are none, and the page says so', async () => {
    answer = () => ({ status: 200, body: { deadLetters: [] } });
    const { text: page } = await (await operator()).get('/operators/dead-letters').expect(200);
    expect(page).toContain('There are no dead letters.');
  });

  test('that cannot be reached are 503, and never "none"', async () => {
    const agent = await operator();
    shop.behind.invoke = unanswered;
    const { text: page } = await agent.get('/operators/dead-letters').expect(503);
    expect(page).toContain('The dead letters cannot be shown right now');
    expect(page).not.toContain('There are no dead letters');
  });

  test('are shown with what was delivered, as text and nothing else', async () => {
    const { text: page } = await (await operator()).get(`/operators/dead-letters/${id}`).expect(200);
    expect(page).toContain('{&quot;name&quot;:&quot;&lt;b&gt;Ada&lt;/b&gt;&quot;}');
    expect(page).toContain(`action="/operators/dead-letters/${id}/replay"`);
  });

  test('that are not valid say why, and offer no replay', async () => {
    answer = () => ({ status: 200, body: { ...letter, replayable: false, problemsNow: ['type is wrong'] } });
    const { text: page } = await (await operator()).get(`/operators/dead-letters/${id}`).expect(200);
    expect(page).toContain('type is wrong');
    expect(page).not.toContain('/replay"');
  });

  test.each(['replay', 'discard'])('%s by a press, and the page says what came of it', async (decision) => {
    const path = `/operators/dead-letters/${id}/${decision}`;
    const response = await sameSite((await operator()).post(path)).expect(303);
    expect(response.get('Location')).toBe(`/operators/dead-letters/${id}`);
    expect(asked.at(-1)).toEqual(['POST', `${deadLetterApiPath}/${id}/${decision}`]);
  });

  test('that the service refuses to replay stay, with its words', async () => {
    answer = () => ({
      status: 409,
      body: {
        type: 'x',
        title: 'x',
        status: 409,
        code: 'dead-letter-not-valid',
        detail: 'The event is not valid.',
      },
    });
    const path = `/operators/dead-letters/${id}/replay`;
    const { text: page } = await sameSite((await operator()).post(path)).expect(409);
    expect(page).toContain('The event is not valid, so it would become a dead letter again.');
  });

  test.each([`/operators/dead-letters/x`, `/operators/dead-letters/${id}/burn`])(
    '%s is no page',
    async (path) => {
      await (await operator()).get(path).expect(404);
    },
  );
});
