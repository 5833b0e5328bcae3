import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { pausableParts, shopperKey, type PartState } from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import request from 'supertest';
import { formIn, postForm, type Agent } from '../fakes/browser.js';
import { textOfPage } from '../fakes/html.js';
import {
  createTestApp,
  notRecorded,
  purchaseIn,
  recorded,
  signedIn,
  unanswered,
  type TestApp,
  type TestAppOptions,
} from '../fakes/test-app.js';

const operatorToken = 'the-token-of-operators';
const localRunnerToken = 'the-token-of-the-runner';
const buyForm = '/operators/demo/purchases';
const pauseForm = '/operators/demo/pauses';

let shop: TestApp;
let parts: PartState[];
let asked: string[];

/** A shop of a local system, unless told otherwise. */
function openShop(options: TestAppOptions = {}): TestApp {
  shop = createTestApp({ operatorToken, localRunnerToken, ...options });
  parts = pausableParts.map((part) => ({ part, title: `the ${part}` }));
  asked = [];
  shop.behind.runner = (path, method, headers) => {
    asked.push(`${method} ${path} ${headers['authorization'] ?? ''}`);
    return Promise.resolve({ status: 200, body: { parts } });
  };
  return shop;
}

beforeEach(() => {
  openShop();
});

async function operator(agent: Agent = request.agent(shop.app)): Promise<Agent> {
  await postForm(agent, '/operators/sign-in', { token: operatorToken }).expect(303);
  return agent;
}

const pageOf = async (agent: Agent, path = '/operators/demo') => (await agent.get(path).expect(200)).text;

/** The page's form to buy, and its address, which keeps what the page shows. */
function orderOn(page: string) {
  const [, action = ''] = /action="(\/operators\/demo\/purchases[^"]*)"/.exec(page) ?? [];
  return { fields: formIn(page, action), address: action.replaceAll('&amp;', '&') };
}

/** Sends the page's form to buy. Returns the address that it leads to. */
async function buy(agent: Agent, page: string): Promise<string> {
  const { address, fields } = orderOn(page);
  const answer = await postForm(agent, address, fields).expect(303);
  return String(answer.headers['location']);
}

/** The purchase-service knows everything that was published. */
function recordEverything(): void {
  shop.behind.invoke = (path) => {
    const found = shop.published.map(purchaseIn).find(({ purchaseId }) => path.includes(purchaseId));
    return Promise.resolve(found === undefined ? notRecorded : { status: 200, body: recorded(found) });
  };
}

describe('the page "Watch it survive"', () => {
  test('offers the parts that the runner can pause, says what happens, and is linked from the desk', async () => {
    parts = parts.filter(({ part }) => part !== 'store');
    const agent = await operator();
    const page = textOfPage(await pageOf(agent));
    expect(page).toContain('Broker the broker Orders are not confirmed');
    expect(page).toContain('Purchase-service the purchase-service Orders are accepted and wait');
    expect(page).not.toContain('the store');
    expect(await pageOf(agent, '/operators')).toContain('href="/operators/demo"');
    expect(asked).toEqual([`GET /parts Bearer ${localRunnerToken}`]);
  });

  test('pauses a part through the sidecar, and keeps the purchase and the choice', async () => {
    const agent = await operator();
    const answer = await postForm(agent, `${pauseForm}?purchase=019a0000-0000-7000-8000-000000000001`, {
      part: 'store',
      seconds: '30',
    }).expect(303);
    expect(answer.headers['location']).toBe(
      '/operators/demo?purchase=019a0000-0000-7000-8000-000000000001&part=store&seconds=30',
    );
    expect(asked).toEqual([`POST /parts/store/pause?seconds=30 Bearer ${localRunnerToken}`]);
    const page = await pageOf(agent, '/operators/demo?part=store&seconds=30');
    expect(page).toMatch(/id="part-store"[^>]*checked/);
    expect(page).toContain('<option value="30" selected');
  });

  test('shows which part is paused and for how long still, and reloads itself without scripts meanwhile', async () => {
    const agent = await operator();
    expect(await pageOf(agent)).not.toContain('http-equiv="refresh"');
    parts = [{ part: 'store', title: 'Redis', pausedMs: 4_200 }];
    const page = await pageOf(agent);
    expect(textOfPage(page)).toContain('Paused, back in 5 seconds');
    expect(page).toContain('<noscript><meta http-equiv="refresh" content="2"></noscript>');
  });

  test('says when the runner does not answer, and still shows purchases', async () => {
    const agent = await operator();
    const page = await pageOf(agent);
    shop.behind.runner = unanswered;
    const shown = textOfPage(await pageOf(agent, await buy(agent, page)));
    expect(shown).toContain('The local runner does not answer');
    expect(shown).toContain('Accepted, not recorded yet');
    await postForm(agent, pauseForm, { part: 'store', seconds: '10' }).expect(503);
  });

  test('treats a part that is paused already as paused', async () => {
    shop.behind.runner = () => Promise.resolve({ status: 409, body: { error: 'paused already' } });
    await postForm(await operator(), pauseForm, { part: 'store', seconds: '10' }).expect(303);
  });

  test.each([
    { part: 'sidecar', seconds: '10' },
    { part: 'store', seconds: '61' },
    { part: 'store', seconds: '0' },
    { part: 'store' },
    {},
  ])('does not pass on the pause %j', async (fields) => {
    await postForm(await operator(), pauseForm, fields).expect(400);
    expect(asked).toEqual([]);
  });

  test('limits how many pauses are asked for in a minute', async () => {
    const agent = await operator();
    const statuses: number[] = [];
    for (let count = 0; count < 31; count += 1)
      statuses.push((await postForm(agent, pauseForm, { part: 'store', seconds: '1' })).status);
    expect([statuses[29], statuses[30]]).toEqual([303, 429]);
    expect(asked).toHaveLength(30);
  });
});

describe('a purchase on the page', () => {
  test('is accepted and then recorded, with its steps', async () => {
    const agent = await operator();
    const address = await buy(agent, await pageOf(agent));
    expect(shop.published.map(purchaseIn)).toMatchObject([
      { shopper: { id: 'demo-shopper', name: 'Demo shopper' }, lines: [{ quantity: 1 }] },
    ]);
    const accepted = await pageOf(agent, address);
    expect(textOfPage(accepted)).toContain('Accepted, not recorded yet Order placed');
    expect(textOfPage(accepted)).toContain('Being recorded …');
    recordEverything();
    const page = await pageOf(agent, address);
    expect(textOfPage(page)).toContain('after the order');
    expect(page).toContain('data-state="recorded"');
    expect(page).toContain('?shopper=demo-shopper"');
  });

  test('is on a page that the navigation marks as the current one', async () => {
    const page = await pageOf(await operator());
    expect(page).toContain('<a href="/operators/demo" aria-current="page">Watch it survive</a>');
  });

  test('is made by the shopper who is signed in', async () => {
    const agent = await operator(await signedIn(shop, 'ada', 'Ada'));
    const page = await pageOf(agent);
    expect(textOfPage(page)).toContain('Ada buys one item');
    await buy(agent, page);
    expect(shop.published.map((each) => purchaseIn(each).shopper.id)).toEqual(['ada']);
  });

  test('is not made if someone has signed in since the page was shown', async () => {
    const agent = await operator();
    const page = await pageOf(agent);
    await postForm(agent, '/sign-in', { id: 'ada', name: 'Ada' }).expect(303);
    await operator(agent);
    const { address, fields } = orderOn(page);
    await postForm(agent, address, fields).expect(409);
    expect(shop.published).toEqual([]);
  });

  test('is bought once, however often the form is sent', async () => {
    const agent = await operator();
    const page = await pageOf(agent);
    const addresses = [await buy(agent, page), await buy(agent, page)];
    expect(new Set(addresses).size).toBe(1);
    expect(shop.published).toHaveLength(1);
  });

  test('that is not confirmed can be sent again with the same number', async () => {
    const agent = await operator();
    shop.behind.publish = unanswered;
    const first = await pageOf(agent);
    const address = await buy(agent, first);
    expect(address).not.toContain('accepted=');
    const page = await pageOf(agent, address);
    expect(textOfPage(page)).toContain('Not confirmed. The broker may still accept it');
    expect(textOfPage(page)).toContain('Try again: you won’t buy twice');
    expect(orderOn(page).fields).toEqual(orderOn(first).fields);
    shop.behind.publish = () => Promise.resolve();
    expect(await buy(agent, page)).toContain('accepted=');
  });

  test('is shown as accepted within a second while the history does not answer', async () => {
    const agent = await operator();
    const address = await buy(agent, await pageOf(agent));
    shop.behind.invoke = (_path, _method, _headers, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new AppError('history-unavailable'));
        });
      });
    const page = textOfPage(await pageOf(agent, address));
    expect(page).toContain('Accepted. The history is unavailable');
    const withoutProof = textOfPage(await pageOf(agent, address.replace(/&accepted=.*/, '')));
    expect(withoutProof).toContain('so we can’t see what happened to it');
  });

  test.each([
    'purchase=x',
    'purchase=019a0000-0000-7000-8000-000000000001',
    'purchase=a&purchase=b',
    'part=x',
  ])('that does not exist is not shown: %s', async (query) => {
    expect(textOfPage(await pageOf(await operator(), `/operators/demo?${query}`))).toContain(
      'Nothing has been bought on this page yet',
    );
  });
});

test('open pages are told about each second of a pause', async () => {
  const agent = await operator();
  const { headers } = await postForm(agent, '/operators/sign-in', { token: operatorToken });
  const server = await new Promise<Server>((resolve) => {
    const listening = shop.app.listen(0, '127.0.0.1', () => {
      resolve(listening);
    });
  });
  try {
    const { port } = server.address() as AddressInfo;
    parts = [{ part: 'store', title: 'Redis', pausedMs: 4_200 }];
    const response = await fetch(`http://127.0.0.1:${port}/operators/demo/news?version=store~`, {
      headers: { cookie: String(headers['set-cookie']).split(';')[0] ?? '' },
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let read = '';
    while (!read.includes('id: store.5~')) read += (await reader?.read())?.value ?? '';
    expect(read).toContain('event: changed');
    await reader?.cancel();
  } finally {
    shop.streams.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('the routes', () => {
  const get = ['/operators/demo', '/operators/demo/news'];
  const post = [pauseForm, buyForm];

  test('do not exist when the local runner did not start the shop', async () => {
    openShop({ localRunnerToken: undefined });
    const agent = await operator();
    for (const path of get) await agent.get(path).expect(404);
    for (const path of post) await postForm(agent, path, { part: 'store', seconds: '10' }).expect(404);
    expect((await agent.get('/operators')).text).not.toContain('/operators/demo');
    expect(asked).toEqual([]);
  });

  test('do not exist when there is no desk', async () => {
    openShop({ operatorToken: undefined });
    for (const path of get) await request(shop.app).get(path).expect(404);
    for (const path of post) await postForm(request.agent(shop.app), path, {}).expect(404);
  });

  test('are for operators only', async () => {
    const agent = await signedIn(shop, 'ada', 'Ada');
    for (const path of get)
      expect((await agent.get(path).expect(303)).headers['location']).toContain('/operators/sign-in');
    for (const path of post)
      await postForm(agent, path, { part: 'store', seconds: '10', person: shopperKey('ada') }).expect(303);
    expect(asked).toEqual([]);
    expect(shop.published).toEqual([]);
  });

  test('refuse forms of other sites', async () => {
    const agent = await operator();
    for (const path of post)
      await agent
        .post(path)
        .set('Sec-Fetch-Site', 'cross-site')
        .type('form')
        .send({ part: 'store', seconds: '10' })
        .expect(403);
    expect(asked).toEqual([]);
  });
});

test('the page is in German for a German browser', async () => {
  const agent = await operator();
  parts = [{ part: 'store', title: 'Redis', pausedMs: 4_200 }];
  const page = (await agent.get('/operators/demo').set('Accept-Language', 'de').expect(200)).text;
  expect(textOfPage(page)).toContain('Angehalten, läuft in 5 Sekunden weiter');
  expect(page).not.toContain('undefined');
});
