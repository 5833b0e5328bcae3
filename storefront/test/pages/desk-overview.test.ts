import { readFile } from 'node:fs/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { activityApiPath, type Activity, type ActivitySample } from '@unity-purchase/contracts';
import { DaprError } from '@unity-purchase/service-kit';
import request from 'supertest';
import { v7 } from 'uuid';
import { runbookSections } from '../../src/pages/desk-problems.js';
import { textOfPage } from '../fakes/html.js';
import { createTestApp, orderOf, sameSite, signedIn, unanswered, type TestApp } from '../fakes/test-app.js';

const operatorToken = 'the-token-of-operators';

/** A sample that ended this many seconds ago. */
const sample = (secondsAgo: number, counts: ActivitySample['counts'], freshness = 0.25): ActivitySample => ({
  at: new Date(Date.now() - secondsAgo * 1_000).toISOString(),
  counts,
  durations: { freshness: { median: freshness, p90: freshness, p99: 4 * freshness } },
});

let shop: TestApp;
let service: Activity;
let isAnswered: boolean;

beforeEach(() => {
  shop = createTestApp({ operatorToken });
  isAnswered = true;
  service = {
    instance: 'purchase-service-7',
    intervalMs: 10_000,
    samples: [sample(70, { recorded: 100 }), sample(25, { recorded: 3 }), sample(15, { recorded: 6 })],
    current: sample(0, { recorded: 1 }),
    durations: { freshness: { median: 0.25, p90: 1, p99: 1.5 } },
    waitingDeadLetters: { count: 0, isMore: false, at: '2026-01-01T10:00:00.000Z' },
    checks: [
      { name: 'sidecar', status: 'up' },
      { name: 'statestore', status: 'up' },
    ],
  };
  shop.behind.ownActivity = {
    ...shop.behind.ownActivity,
    instance: 'storefront-3',
    samples: [sample(15, { accepted: 4, requests: 20 })],
    checks: [{ name: 'sidecar', status: 'up' }],
  };
  shop.behind.invoke = (path) =>
    isAnswered && path === activityApiPath ? Promise.resolve({ status: 200, body: service }) : unanswered();
});

async function operator() {
  const agent = request.agent(shop.app);
  await sameSite(agent.post('/operators/sign-in')).type('form').send({ token: operatorToken }).expect(303);
  return agent;
}

const html = async (path = '/operators') => (await (await operator()).get(path).expect(200)).text;
const show = async (path?: string) => textOfPage(await html(path));

describe('the overview', () => {
  test('shows figures, the status of each part and charts, each with a time', async () => {
    const page = await show();
    const time = String.raw`\d{2}:\d{2}:\d{2} UTC`;
    const of = (text: string) => new RegExp(`${text} As of ${time}`);
    expect(page).toContain('No problems are known.');
    expect(page).toMatch(of('Accepted in the last minute 4 by the replica storefront-3'));
    expect(page).toMatch(of('Recorded in the last minute 10 by the replica purchase-service-7'));
    expect(page).toMatch(of('Accepted, not yet recorded 0 of what the replica storefront-3 accepted'));
    expect(page).toMatch(of('Dead letters waiting 0 none waits for a decision'));
    expect(page).toMatch(of('0.25 s · 1.5 s median · 99 of 100 are faster .*purchase-service-7'));
    expect(page).toMatch(new RegExp(`Broker OK It acknowledged the most recent orders. ${time}`));
    expect(page).toContain(
      'Recorded purchases per minute, replica purchase-service-7. Latest 36, highest 600.',
    );
    expect(page).toContain('Median: Latest 0.25 s, highest 0.25 s.');
    expect(shop.invoked).toEqual([activityApiPath]);
  });

  test('has one time axis for all charts, also when a service has just started', async () => {
    service.samples = service.samples.slice(-1);
    const page = await html();
    const axes = [...page.matchAll(/<div class="plot__times"[^>]*>(.*?)<\/div>/g)].map(([, axis]) => axis);
    expect(axes).toHaveLength(4);
    expect(new Set(axes).size).toBe(1);
    expect(axes[0]).toContain('10 minutes ago');
  });

  test('counts what this replica accepted and nobody recorded', async () => {
    const agent = await signedIn(shop);
    const order = orderOf(v7(), 'mug*1*1600');
    await sameSite(agent.post('/purchases')).type('form').send(order).expect(303);
    expect(await show()).toMatch(/Accepted, not yet recorded up to 1 .*cannot be checked which/);
    const answer = shop.behind.invoke;
    const unknown = { type: 'x', title: 'x', status: 404, code: 'purchase-not-recorded' };
    shop.behind.invoke = (path) =>
      path === activityApiPath ? answer(path) : Promise.resolve({ status: 404, body: unknown });
    expect(await show()).toMatch(/Accepted, not yet recorded 1 of .* oldest accepted \d+ seconds? ago/);
    shop.behind.invoke = (path) =>
      path === activityApiPath
        ? answer(path)
        : Promise.resolve({ status: 404, body: { ...unknown, code: 'purchase-delayed' } });
    expect(await show()).toMatch(/Accepted, not yet recorded 0 /);
  });

  test('shows a count of a hundred dead letters and more as such', async () => {
    service.waitingDeadLetters = { count: 100, isMore: true, at: '2026-01-01T10:00:00.000Z' };
    expect(await show()).toContain('Dead letters waiting 100+');
  });

  test('works with a purchase-service that reports less, as version 0.1.0 does', async () => {
    const { instance, intervalMs, checks } = service;
    service = { instance, intervalMs, checks, samples: service.samples };
    for (const each of service.samples) each.durations = { freshness: { median: 0.5, p90: 2 } };
    const page = await show();
    expect(page).toContain('Dead letters waiting unknown');
    expect(page).toContain('last 10 minutes unknown');
    expect(page).toContain('90th percentile: Latest 2 s, highest 2 s.');
    expect(page).not.toMatch(/undefined|NaN/);
  });

  test('is live, unless updates are paused, and reloads itself without scripts', async () => {
    const live = await html();
    expect(live).toMatch(/data-events="\/operators\/news\?version=[\w-]+"/);
    expect(live).toContain('<noscript><meta http-equiv="refresh"');
    const paused = await html('/operators?updates=off');
    expect(paused).not.toMatch(/data-events|http-equiv="refresh"|live\.js/);
    expect(paused).toContain('Resume updates');
  });

  test('is in German for a German browser', async () => {
    const { text } = await (await operator()).get('/operators').set('Accept-Language', 'de').expect(200);
    expect(text).toContain('In Ordnung');
    expect(text).toContain('Replikat storefront-3');
    expect(text).not.toContain('undefined');
  });
});

describe('a problem', () => {
  const problems = async () => /<section class="problems".*?<\/section>/s.exec(await html())?.[0] ?? '';

  test('is on top, says what it means, and links to its runbook', async () => {
    service.checks = [{ name: 'statestore', status: 'down' }];
    const text = await problems();
    expect(textOfPage(text)).toContain('The state store does not answer Purchases are accepted and wait');
    expect(text).toMatch(/href="https:[^"]*runbooks.md#healthcheckfailing"/);
    const page = await html();
    expect(page.indexOf('The state store does not answer')).toBeLessThan(page.indexOf('Key figures'));
  });

  test.each<[string, () => void]>([
    [
      'The broker does not acknowledge orders',
      () => shop.behind.ownActivity.samples.push(sample(1, { 'not-placed': 1 })),
    ],
    [
      'The storefront’s sidecar does not answer',
      () => (shop.behind.ownActivity.checks = [{ name: 'sidecar', status: 'down' }]),
    ],
    ['The purchase-service does not answer', () => (isAnswered = false)],
    [
      'The purchase-service’s sidecar does not answer',
      () => (service.checks = [{ name: 'sidecar', status: 'down' }]),
    ],
    [
      'Dead letters wait for a decision 7, oldest arrived',
      () =>
        (service.waitingDeadLetters = {
          count: 7,
          isMore: false,
          oldestAt: '2026-01-01T10:00:00.000Z',
          at: '2026-01-01T10:00:00.000Z',
        }),
    ],
    [
      'Deliveries could not be recorded and are repeated 11 in the last 10 minutes',
      () => service.samples.push(sample(1, { retried: 11 })),
    ],
    [
      'Recording is slow 1 in 100 takes longer than 6 s',
      () => (service.durations = { freshness: { median: 1, p90: 2, p99: 6 } }),
    ],
  ])('is shown: %s', async (text, cause) => {
    expect(await problems()).toContain('No problems are known.');
    cause();
    expect(textOfPage(await problems())).toContain(text);
  });

  test('that ended is not shown any more', async () => {
    isAnswered = false;
    expect(await problems()).toContain('The purchase-service does not answer');
    isAnswered = true;
    expect(await problems()).toContain('No problems are known.');
  });

  test('of a purchase-service that does not answer leaves its last figures with their time, and its parts unknown', async () => {
    await show();
    isAnswered = false;
    const page = await show();
    expect(page).toMatch(/The purchase-service does not answer since \d{2}:\d{2}:\d{2} UTC \(/);
    expect(page).toContain('State store Unknown Only the purchase-service knows');
    expect(page).toContain('Recorded in the last minute 10');
  });

  test.each(Object.entries(runbookSections))(
    'of the kind %s has a section in the runbooks: %s',
    async (_kind, section) => {
      const runbooks = await readFile(new URL('../../../docs/runbooks.md', import.meta.url), 'utf8');
      expect(runbooks).toContain(`\n## ${section}\n`);
    },
  );
});

describe('the navigation of the desk', () => {
  const navigation = (text: string) => /<nav class="sections".*?<\/nav>/s.exec(text)?.[0] ?? '';

  test('shows how many dead letters wait, on every page, as far as that is known', async () => {
    service.waitingDeadLetters = { count: 7, isMore: false, at: new Date().toISOString() };
    const agent = await operator();
    // Nothing is known yet, and the page does not wait for it.
    expect(navigation((await agent.get('/operators/nothing').expect(404)).text)).not.toContain('7');
    expect(navigation((await agent.get('/operators').expect(200)).text)).toContain('aria-label="7 waiting"');
    isAnswered = false;
    expect(navigation((await agent.get('/operators/audit-log').expect(503)).text)).toContain('7 waiting');
  });

  test('shows no number when none waits', async () => {
    expect(navigation(await html())).not.toContain('waiting');
  });

  test.each([
    ['/operators', '/operators', 'page'],
    ['/operators/purchases', '/operators/purchases', 'page'],
    [`/operators/purchases/${v7()}?shopper=ada`, '/operators/purchases', 'true'],
    [`/operators/dead-letters/${'0'.repeat(32)}`, '/operators/dead-letters', 'true'],
    ['/OPERATORS/Audit-Log?cursor=x', '/operators/audit-log', 'true'],
    ['/operators/nothing', '/operators', 'true'],
  ])('marks the section of %s as current', async (path, section, current) => {
    const { text } = await (await operator()).get(path);
    expect(navigation(text)).toContain(`href="${section}" aria-current="${current}"`);
    expect(navigation(text).match(/aria-current/g)).toHaveLength(1);
    const header = /<nav class="site-nav".*?<\/nav>/s.exec(text)?.[0];
    expect(header).toMatch(/href="\/operators"[^>]* aria-current="(page|true)"/);
  });
});

describe('while a part does not answer', () => {
  const letter = `/operators/dead-letters/${'0'.repeat(32)}`;
  const pages = [
    ['GET', '/operators/purchases', '/operators/purchases'],
    ['GET', `/operators/purchases/${v7()}?shopper=ada`, '/operators/purchases'],
    ['GET', '/operators/audit-log', '/operators/audit-log'],
    ['GET', '/operators/dead-letters', '/operators/dead-letters'],
    ['GET', letter, '/operators/dead-letters'],
    ['POST', `${letter}/replay`, '/operators/dead-letters'],
    ['POST', `${letter}/discard`, '/operators/dead-letters'],
    ['GET', `${letter}/content`, '/operators/dead-letters'],
  ] as const;

  async function ask(method: 'GET' | 'POST', path: string) {
    const agent = await operator();
    return method === 'GET' ? agent.get(path) : sameSite(agent.post(path)).type('form').send({});
  }

  test.each(pages)('%s %s says so to an operator, within the desk', async (method, path, section) => {
    isAnswered = false;
    const { status, text } = await ask(method, path);
    expect(status).toBe(503);
    expect(text).toContain('<h1>The purchase-service does not answer</h1>');
    expect(text).toContain('Purchases are accepted and wait in the broker.');
    expect(text).toContain(`href="${section}" aria-current`);
    expect(text).toMatch(/href="https:[^"]*runbooks.md#serviceunseen"/);
    expect(textOfPage(text)).not.toMatch(/Go to the shop|If you were buying|Sorry/);
    // A form is not sent again by a link.
    expect(text).toContain(`class="button" href="${method === 'GET' ? path : section}"`);
  });

  const problem = (code: string) => ({ status: 503, body: { type: 'x', title: 'x', status: 503, code } });
  test.each([
    [
      'The storefront’s sidecar does not answer',
      () => Promise.reject(new DaprError('not-sent', 'x', { cause: new Error('ECONNREFUSED') })),
    ],
    ['The state store does not answer', () => Promise.resolve(problem('store-unavailable'))],
    ['The broker does not acknowledge orders', () => Promise.resolve(problem('dead-letter-not-published'))],
    ['The purchase-service does not answer', () => Promise.resolve(problem('busy'))],
  ])('the page names it: %s', async (title, invoke) => {
    const agent = await operator();
    shop.behind.invoke = invoke;
    const response = await sameSite(agent.post(`${letter}/replay`)).expect(503);
    expect(response.text).toContain(`<h1>${title}</h1>`);
  });

  test('the page says since when, if the overview has seen it', async () => {
    const agent = await operator();
    isAnswered = false;
    expect((await agent.get('/operators/audit-log')).text).not.toContain('No answer since');
    await agent.get('/operators').expect(200);
    expect((await agent.get('/operators/audit-log')).text).toMatch(/No answer since \d{2}:\d{2}:\d{2} UTC\./);
  });
});

describe('other errors on the desk', () => {
  test('that are unexpected are described to an operator', async () => {
    const agent = await operator();
    shop.behind.invoke = () => Promise.reject(new Error('secret detail'));
    const { text } = await agent.get('/operators/audit-log').set('X-Request-Id', 'ask-me').expect(500);
    expect(text).toContain('ask-me');
    expect(textOfPage(text)).not.toMatch(/secret detail|Go to the shop|If you were buying/);
  });

  test.each(['/operators/nothing', '/operators/purchases/x', '/operators/dead-letters/x/burn'])(
    '%s is a page of the desk that says that there is none',
    async (path) => {
      const { text } = await (await operator()).get(path).expect(404);
      expect(text).toContain('Desk sections');
      expect(textOfPage(text)).not.toMatch(/shop from|your purchases\./i);
    },
  );

  test('include those of forms that were not accepted, and of too many requests', async () => {
    shop = createTestApp({ operatorToken, requestsPerMinuteMax: 3 });
    const agent = await operator();
    const path = `/operators/dead-letters/${'0'.repeat(32)}/replay`;
    const foreign = await agent.post(path).set('Sec-Fetch-Site', 'cross-site').expect(403);
    expect(foreign.text).toContain('Desk sections');
    await agent.get('/operators/nothing');
    expect((await agent.get('/operators').expect(429)).text).toContain('Desk sections');
  });

  test('are described to shoppers in their words, also for an operator who shops', async () => {
    const { text } = await (await operator()).get('/nothing').expect(404);
    expect(text).toContain('start again from the shop');
    expect(text).not.toContain('Desk sections');
  });
});

describe('the way to the desk', () => {
  test('is a link at the end of each page, and not for those who are there already', async () => {
    const { text } = await request(shop.app).get('/').expect(200);
    const footer = (page: string) => /<footer.*<\/footer>/s.exec(page)?.[0] ?? '';
    expect(footer(text)).toContain('href="/operators"');
    expect(footer((await (await operator()).get('/')).text)).not.toContain('href="/operators"');
    expect((await request(createTestApp().app).get('/')).text).not.toContain('/operators');
  });

  test.each([
    [true, /npm start/],
    [false, /Operator sign-in(?!.*npm start)/s],
  ])('says where the token comes from when the demo is %s', async (demoSignIn, expected) => {
    const openId = demoSignIn ? {} : { openId: anIssuer };
    const { app } = createTestApp({ operatorToken, demoSignIn, ...openId });
    expect((await request(app).get('/operators/sign-in').expect(200)).text).toMatch(expected);
  });

  test.each(['/operators', '/operators/sign-in', '/operators/purchases', '/Operators/'])(
    '%s says how to enable the desk when there is none',
    async (path) => {
      const { text } = await request(createTestApp().app).get(path).expect(404);
      expect(text).toContain('The operator desk is not enabled');
      expect(text).toContain('OPERATOR_TOKEN');
      expect(text).toContain('OIDC_ISSUER');
      await request(createTestApp().app)
        .get('/operatorsx')
        .expect(404, /Page not found/);
    },
  );
});

const anIssuer = {
  issuer: 'https://issuer.example',
  clientId: 'shop',
  clientSecretName: undefined,
  apiAudience: undefined,
  rolesClaim: 'roles',
  operatorRole: 'operator',
  publicUrl: 'https://shop.example',
};
