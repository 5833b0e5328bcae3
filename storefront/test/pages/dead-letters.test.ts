import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  deadLetterApiPath,
  deadLetterReplayApiPath,
  type DeadLetter,
  type DeadLetterDetails,
} from '@unity-purchase/contracts';
import type { Invocation } from '@unity-purchase/service-kit';
import request from 'supertest';
import { paths } from '../../src/paths.js';
import type { Agent } from '../fakes/browser.js';
import { createTestApp, sameSite, unanswered, type TestApp } from '../fakes/test-app.js';

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
let requested: [method: string | undefined, path: string][];
let answer: (path: string) => Invocation;

beforeEach(() => {
  shop = createTestApp({ operatorToken });
  requested = [];
  const page = { deadLetters: [listed], next: 'older' };
  answer = (path) => {
    if (path.split('?')[0] === deadLetterApiPath) return { status: 200, body: page };
    return { status: 200, body: path.endsWith(id) ? letter : listed };
  };
  shop.behind.invoke = (path, method) => {
    requested.push([method, path]);
    return Promise.resolve(answer(path));
  };
});

async function operator(): Promise<Agent> {
  const agent = request.agent(shop.app);
  await sameSite(agent.post('/operators/sign-in')).type('form').send({ token: operatorToken }).expect(303);
  return agent;
}

describe('the list of dead letters', () => {
  test('links to each dead letter and to older ones', async () => {
    const { text: page } = await (await operator()).get('/operators/dead-letters').expect(200);
    expect(page).toContain(`href="/operators/dead-letters/${id}"`);
    expect(page).toContain('Could not be recorded in time');
    expect(page).toContain('href="/operators/dead-letters?cursor=older"');
    await (await operator()).get('/operators/dead-letters?cursor=older').expect(200);
    expect(requested.at(-1)).toEqual(['GET', `${deadLetterApiPath}?cursor=older`]);
  });

  test('says that there are none when it is empty', async () => {
    answer = () => ({ status: 200, body: { deadLetters: [] } });
    const { text: page } = await (await operator()).get('/operators/dead-letters').expect(200);
    expect(page).toContain('There are no dead letters.');
  });

  test('is answered with 503, and never with "none", when the service cannot be reached', async () => {
    const agent = await operator();
    shop.behind.invoke = unanswered;
    const { text: page } = await agent.get('/operators/dead-letters').expect(503);
    expect(page).toContain('The purchase-service does not answer');
    expect(page).not.toContain('There are no dead letters');
  });
});

describe('replaying all dead letters', () => {
  test('replays some at a time, and says how many and whether there are more', async () => {
    const answers = [
      { replayed: 20, notReplayable: 0, next: 'rest' },
      { replayed: 3, notReplayable: 2 },
    ];
    const show = answer;
    answer = (path) =>
      path.startsWith(deadLetterReplayApiPath) ? { status: 200, body: answers.shift() } : show(path);
    const agent = await operator();
    expect((await agent.get('/operators/dead-letters')).text).toContain('Replay all that can be replayed');
    const first = await sameSite(agent.post(paths.deadLetterReplays)).expect(303);
    const between = await agent.get(first.get('Location') ?? '').expect(200);
    expect(between.text).toContain('Replayed so far: 20.');
    expect(between.text).toContain('value="rest"');
    const second = await sameSite(agent.post(paths.deadLetterReplays))
      .type('form')
      .send({ rest: 'rest', replayed: '20', notReplayable: '0' })
      .expect(303);
    expect(requested.at(-1)).toEqual(['POST', `${deadLetterReplayApiPath}?cursor=rest`]);
    const end = await agent.get(second.get('Location') ?? '').expect(200);
    expect(end.text).toContain('Replayed so far: 23. Waiting, but cannot be replayed: 2.');
    expect(end.text).not.toContain('Replay the next ones');
  });

  test('ignores counts that are not numbers', async () => {
    const agent = await operator();
    const page = await agent.get('/operators/dead-letters?replayed=x&notReplayable=1').expect(200);
    expect(page.text).not.toContain('Replayed so far');
  });
});

describe('the page of a dead letter', () => {
  test('shows what was delivered, escaped as text', async () => {
    const { text: page } = await (await operator()).get(`/operators/dead-letters/${id}`).expect(200);
    expect(page).toContain('{&quot;name&quot;:&quot;&lt;b&gt;Ada&lt;/b&gt;&quot;}');
    expect(page).toContain(`action="/operators/dead-letters/${id}/replay"`);
  });

  test('says why an event is not valid and does not offer to replay it', async () => {
    answer = () => ({ status: 200, body: { ...letter, replayable: false, problemsNow: ['type is wrong'] } });
    const { text: page } = await (await operator()).get(`/operators/dead-letters/${id}`).expect(200);
    expect(page).toContain('type is wrong');
    expect(page).not.toContain('/replay"');
  });

  test.each(['replay', 'discard'])('sends the decision %s and returns to itself', async (decision) => {
    const path = `/operators/dead-letters/${id}/${decision}`;
    const response = await sameSite((await operator()).post(path)).expect(303);
    expect(response.get('Location')).toBe(`/operators/dead-letters/${id}`);
    expect(requested.at(-1)).toEqual(['POST', `${deadLetterApiPath}/${id}/${decision}`]);
  });

  test('explains why the service refused to replay', async () => {
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
    'is answered with 404 at %s',
    async (path) => {
      await (await operator()).get(path).expect(404);
    },
  );
});
