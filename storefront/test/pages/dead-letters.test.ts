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
import { hidden, textOfPage } from '../fakes/html.js';
import { createTestApp, sameSite, unanswered, type TestApp } from '../fakes/test-app.js';

const operatorToken = 'the-token-of-operators';
const id = '0123456789abcdef0123456789abcdef';

const listed: DeadLetter = {
  id,
  reason: 'not-recorded',
  purchaseId: '019a0000-0000-7000-8000-0000c0ffee01',
  shopper: { id: 'ada-1815', name: 'Ada <b>Lovelace</b>' },
  total: { amount: 4200, currency: 'EUR' },
  arrivedAt: '2026-01-01T10:00:00.000Z',
  state: 'waiting',
  replays: 0,
};
const letter: DeadLetterDetails = {
  ...listed,
  problems: [],
  replayable: true,
  problemsNow: [],
  text: '{"name":"<b>Ada</b>","amount":1.50}',
  base64: Buffer.from('{"name":"<b>Ada</b>","amount":1.50}').toString('base64'),
};
const recordedAt = '2026-01-01T11:00:00.000Z';

let shop: TestApp;
let requested: [method: string | undefined, path: string, body?: object][];
let answer: (path: string) => Invocation;

beforeEach(() => {
  shop = createTestApp({ operatorToken });
  requested = [];
  const page = { deadLetters: [listed], next: 'older' };
  answer = (path) => {
    if (path.split('?')[0] === deadLetterApiPath) return { status: 200, body: page };
    return { status: 200, body: path.endsWith(id) ? letter : listed };
  };
  shop.behind.invoke = (path, method, _headers, _signal, body) => {
    requested.push(body === undefined ? [method, path] : [method, path, body]);
    return Promise.resolve(answer(path));
  };
});

const ok = (body: unknown): Invocation => ({ status: 200, body });
const problem = (status: number, code: string): Invocation => ({
  status,
  body: { type: 'x', title: 'x', status, code, detail: 'x' },
});

async function operator(language = 'en'): Promise<Agent> {
  const agent = request.agent(shop.app).set('Accept-Language', language);
  await sameSite(agent.post('/operators/sign-in')).type('form').send({ token: operatorToken }).expect(303);
  return agent;
}

/** The page of a dead letter that has something else about it. */
async function showLetter(change: Partial<DeadLetterDetails>, language?: string): Promise<string> {
  answer = () => ok({ ...letter, ...change });
  return (await (await operator(language)).get(`/operators/dead-letters/${id}`).expect(200)).text;
}

async function showList(query = '', status = 200): Promise<string> {
  return (await (await operator()).get(`/operators/dead-letters${query}`).expect(status)).text;
}

describe('the lists of dead letters', () => {
  test('begin with those that wait, link to each one and to older ones, and say whose purchase it is', async () => {
    const page = await showList();
    expect(requested.at(-1)).toEqual(['GET', `${deadLetterApiPath}?list=waiting`]);
    expect(page).toContain(`href="/operators/dead-letters/${id}"`);
    expect(page).toContain('href="/operators/dead-letters?cursor=older"');
    expect(page).toContain(`href="/operators/purchases?purchase=${listed.purchaseId ?? ''}"`);
    expect(page).toContain('href="/operators/purchases?shopper=ada-1815"');
    const text = textOfPage(page);
    for (const part of [
      '019a0000-0000',
      'ada-1815',
      '&lt;b&gt;Lovelace',
      '€42.00',
      'Could not be recorded in time',
    ])
      expect([part, text.includes(part)]).toEqual([part, true]);
  });

  test('keep the list and the filter in the address and in the links to older ones', async () => {
    const query = 'list=discarded&reason=invalid&from=2026-01-01T00%3A00&before=2026-01-02T00%3A00';
    const page = await showList(`?${query}&cursor=here`);
    expect(requested.at(-1)).toEqual([
      'GET',
      `${deadLetterApiPath}?list=discarded&reason=invalid&from=2026-01-01T00%3A00%3A00.000Z` +
        '&before=2026-01-02T00%3A00%3A00.000Z&cursor=here',
    ]);
    for (const link of [
      `/operators/dead-letters?${query}&cursor=older`,
      `/operators/dead-letters?${query}`,
      `/operators/dead-letters?${query.replace('list=discarded&', '')}`,
      `/operators/dead-letters?${query.replace('discarded', 'recorded')}`,
      '/operators/dead-letters?list=discarded',
    ])
      expect(page).toContain(`href="${link.replaceAll('&', '&amp;')}"`);
    expect(page).toContain('<option value="invalid" selected>');
    expect(page).toMatch(/<a [^>]*aria-current="page"[^>]*>Discarded</);
  });

  test.each(['from', 'before'])(
    'show an error for %s that is no time, and ask for nothing',
    async (field) => {
      const page = await showList(`?${field}=yesterday`, 400);
      expect(textOfPage(page)).toContain('Enter a date and a time');
      expect(page).toContain(`href="#${field}"`);
      expect(requested).toEqual([]);
    },
  );

  test.each([
    ['', 'No dead letters are waiting.'],
    ['?list=recorded', 'No dead letters have been recorded since they arrived.'],
    ['?reason=invalid', 'No dead letters match this filter.'],
  ])('say that they are empty: %s', async (query, text) => {
    answer = () => ok({ deadLetters: [] });
    const page = await showList(query);
    expect(page).toContain(text);
    expect(page).not.toContain('Replay everything');
  });

  test('offer to search on when only a part was searched, and never say "none" then', async () => {
    answer = () => ok({ deadLetters: [], next: 'there', searchedTo: '2025-12-31T10:00:00.000Z' });
    const page = await showList('?list=replayed');
    expect(page).toContain('Everything that arrived since 31 Dec 2025, 10:00 UTC has been searched.');
    expect(page).toContain('href="/operators/dead-letters?list=replayed&amp;cursor=there"');
    expect(page).toContain('Continue searching older ones');
    expect(page).not.toContain('No replayed dead letters');
  });

  test('show what is wrong with an event, when it was recorded, or why it was discarded', async () => {
    answer = () =>
      ok({
        deadLetters: [
          {
            ...listed,
            reason: 'invalid',
            problem: 'data.total Invalid input: expected object, received undefined',
          },
          { ...listed, recordedAt },
          { ...listed, state: 'discarded', since: recordedAt, discardReason: 'A test <order>' },
          { ...listed, superseded: true },
        ],
      });
    const text = textOfPage(await showList());
    expect(text).toContain('Not a valid event The total is missing.');
    expect(text).toContain('Recorded: 1 Jan 2026, 11:00 UTC');
    expect(text).toContain('A test &lt;order&gt;');
    expect(text).toContain('Conflicts with the recorded purchase');
  });

  test('show the rows of an earlier purchase-service, which refuses filters, and filter what it returns', async () => {
    const old = { id, reason: 'invalid', arrivedAt: listed.arrivedAt, state: 'waiting', replays: 0 } as const;
    const others = [
      { ...old, state: 'replayed' },
      { ...old, reason: 'unreadable' },
      { ...old, arrivedAt: '2025-01-01T10:00:00.000Z' },
    ].map((each, index) => ({ ...each, id: `${index}`.repeat(32) }));
    answer = (path) =>
      /list=|reason=/.test(path)
        ? problem(400, 'invalid-request')
        : ok({ deadLetters: [old, ...others], next: 'older' });
    const page = await showList('?reason=invalid&from=2026-01-01T00:00&cursor=here');
    expect(requested.at(-1)).toEqual(['GET', `${deadLetterApiPath}?cursor=here`]);
    expect(page).toContain(`href="/operators/dead-letters/${id}"`);
    for (const other of others) expect(page).not.toContain(`href="/operators/dead-letters/${other.id}"`);
    expect(page).toContain('an earlier version, which cannot filter');
  });

  test('are answered with 503, and never with "none", when the service cannot be reached', async () => {
    const agent = await operator();
    shop.behind.invoke = unanswered;
    const { text: page } = await agent.get('/operators/dead-letters').expect(503);
    expect(page).toContain('The purchase-service does not answer');
    expect(page).not.toContain('No dead letters');
  });
});

describe('replaying everything', () => {
  const post = (agent: Agent, form: object = {}) =>
    sameSite(agent.post(paths.deadLetterReplays)).type('form').send(form);

  /** The fields of the form that continues. */
  const formOf = (page: string) =>
    Object.fromEntries(
      [
        'person',
        'reason',
        'from',
        'before',
        'replayed',
        'recorded',
        'notReplayable',
        'failures',
        'left',
        'rest',
      ]
        .map((name) => [name, hidden(page, name)] as const)
        .filter(([, value]) => value !== undefined),
    );

  test('is offered for the waiting ones only, with the filter of the page', async () => {
    const page = await showList('?reason=not-recorded&from=2026-01-01T00:00');
    expect(page).toContain('Replay everything that matches and can be replayed');
    expect([hidden(page, 'reason'), hidden(page, 'from')]).toEqual([
      'not-recorded',
      '2026-01-01T00:00:00.000Z',
    ]);
    expect(await showList()).toContain('>Replay everything that can be replayed<');
    for (const query of ['?list=replayed', '?list=discarded', '?list=recorded', '?cursor=x'])
      expect(await showList(query)).not.toContain('Replay everything');
  });

  test('goes part by part: how many, what is left, and which ones cannot be replayed', async () => {
    const other = 'f'.repeat(32);
    const answers = [
      { replayed: 20, notReplayable: 0, recorded: 3, failures: [], left: 1200, next: 'rest' },
      { replayed: 2, notReplayable: 1, recorded: 0, failures: [{ id: other, why: 'invalid' }], left: 0 },
    ];
    const show = answer;
    answer = (path) => (path.startsWith(deadLetterReplayApiPath) ? ok(answers.shift()) : show(path));
    const agent = await operator();
    const first = await post(agent, { reason: 'not-recorded', from: '2026-01-01T00:00:00.000Z' }).expect(303);
    expect(requested.at(-1)).toEqual([
      'POST',
      `${deadLetterReplayApiPath}?reason=not-recorded&from=2026-01-01T00%3A00%3A00.000Z`,
    ]);
    const between = (await agent.get(first.get('Location') ?? '').expect(200)).text;
    expect(textOfPage(between)).toContain('Replayed: 20. Still to check: 1,200.');
    expect(between).toContain('data-continue');
    expect(between).toContain('Stop and go back to the dead letters');

    const second = await post(agent, formOf(between)).expect(303);
    expect(requested.at(-1)).toEqual([
      'POST',
      `${deadLetterReplayApiPath}?reason=not-recorded&from=2026-01-01T00%3A00%3A00.000Z&cursor=rest`,
    ]);
    const end = (await agent.get(second.get('Location') ?? '').expect(200)).text;
    expect(textOfPage(end)).toContain('Replayed 22 Already recorded 3 Cannot be replayed 1 Still to check 0');
    expect(textOfPage(end)).toContain('ffffffff : Not a valid event');
    expect(end).toContain(`href="/operators/dead-letters/${other}"`);
    expect(end).toContain('Done.');
    expect(end).not.toContain('data-continue');
  });

  test('says that it stopped when a part fails, and continues from there', async () => {
    const agent = await operator();
    answer = () => problem(503, 'dead-letter-not-published');
    const stopped = await post(agent, { replayed: '20', notReplayable: '1', rest: 'rest' }).expect(303);
    const page = (await agent.get(stopped.get('Location') ?? '').expect(200)).text;
    expect(page).toContain('Nothing was lost.');
    expect(page).not.toContain('data-continue');
    expect(formOf(page)).toMatchObject({ replayed: '20', notReplayable: '1', rest: 'rest' });
    answer = () => ok({ replayed: 1, notReplayable: 0 });
    await post(agent, formOf(page)).expect(303);
    expect(requested.at(-1)).toEqual(['POST', `${deadLetterReplayApiPath}?cursor=rest`]);
  });

  test('names a limited number of failures, and links to the others, in an address of limited length', async () => {
    const failures = Array.from({ length: 20 }, (_, index) => ({
      id: index.toString(16).padStart(32, '0'),
      why: 'superseded',
    }));
    answer = () => ok({ replayed: 0, notReplayable: 20, failures, left: 999_999_999, next: 'x'.repeat(30) });
    const agent = await operator();
    const filter = { from: '2026-01-01T00:00:00.000Z', before: '2026-01-02T00:00:00.000Z' };
    const first = await post(agent, { reason: 'contradicts-record', ...filter }).expect(303);
    const again = await post(agent, formOf((await agent.get(first.get('Location') ?? '')).text)).expect(303);
    const address = again.get('Location') ?? '';
    expect(address.length).toBeLessThan(700);
    const page = textOfPage((await agent.get(address).expect(200)).text);
    expect(page).toContain('32 more. They are among those that wait.');
  });

  test.each([
    ['replayed=x'],
    ['replayed=1&failures=x.y'],
    ['replayed=1&rest=' + 'x'.repeat(300)],
    [''],
    ['replayed=-1'],
  ])('ignores an address that it did not make: %s', async (query) => {
    const agent = await operator();
    const response = await agent.get(`${paths.deadLetterReplays}?${query}`).expect(303);
    expect(response.get('Location')).toBe('/operators/dead-letters');
  });

  test('has a script that continues by itself', async () => {
    await request(shop.app).get('/continue.js').expect(200);
    const agent = await operator();
    const { text } = await agent.get(`${paths.deadLetterReplays}?replayed=1&rest=x`).expect(200);
    expect(text).toContain('<script src="/continue.js" type="module"></script>');
  });

  test('refuses a filter that no page of the desk sends', async () => {
    await post(await operator(), { reason: 'x' }).expect(400);
    expect(requested).toEqual([]);
  });
});

describe('the page of a dead letter', () => {
  test('shows what was delivered, escaped as text, with a line for each value and every value as it was', async () => {
    const page = await showLetter({});
    expect(page).toContain(
      '{\n  &quot;name&quot;: &quot;&lt;b&gt;Ada&lt;/b&gt;&quot;,\n  &quot;amount&quot;: 1.50\n}',
    );
    expect(page).toContain('This event is valid and can be replayed.');
    expect(page).toContain(`action="/operators/dead-letters/${id}/replay"`);
    expect(page).toContain(`href="/operators/dead-letters/${id}/discard"`);
    expect(page).toMatch(/<button class="button" type="submit">Replay</);
  });

  test.each([
    ['what is no JSON', { text: '{"half":' }, '{&quot;half&quot;:'],
    ['what is no text', { text: undefined, base64: '/wA=' }, '/wA='],
    [
      'the beginning of what was too large',
      { text: '{"a":1', truncated: { bytes: 100_000, sha256: 'a'.repeat(64) } },
      '{&quot;a&quot;:1',
    ],
  ])('shows %s as it is', async (_what, change, content) => {
    expect(await showLetter(change)).toContain(`>${content}</pre>`);
  });

  test('lets the original content be downloaded, byte for byte', async () => {
    const response = await (
      await operator()
    )
      .get(`/operators/dead-letters/${id}/content`)
      .buffer(true)
      .parse((stream, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          done(null, Buffer.concat(chunks));
        });
      })
      .expect(200);
    expect(String(response.body)).toBe(letter.text);
    expect(response.get('Content-Disposition')).toBe(`attachment; filename=dead-letter-${id}.txt`);
    expect(response.get('Content-Type')).toBe('application/octet-stream');
    expect(response.get('Cache-Control')).toContain('no-store');
  });

  test('explains each problem once, in plain words, and does not offer to replay', async () => {
    const problems = [
      'data.total Invalid input: expected object, received undefined',
      'data.lines.1.quantity Invalid input: expected int, received number',
      'data.lines.1.quantity Too big: expected number to be <=100',
    ];
    const change = { reason: 'invalid', replayable: false, problems, problemsNow: problems } as const;
    const page = textOfPage(await showLetter(change));
    for (const sentence of [
      'The total is missing.',
      'The quantity of line 2 must be a whole number from 1 to 100.',
    ])
      expect([sentence, page.split(sentence)]).toEqual([sentence, [expect.any(String), expect.any(String)]]);
    expect(page).toContain('data.lines.1.quantity Invalid input');
    expect(page).not.toContain('What was also wrong when it arrived');
    expect(page).not.toContain('>Replay<');
    const german = textOfPage(await showLetter(change, 'de'));
    expect(german).toContain('Die Gesamtsumme fehlt.');
    expect(german).toContain('Die Menge in Zeile 2 muss eine ganze Zahl von 1 bis 100 sein.');
  });

  test('shows a problem that it had only when it arrived by itself', async () => {
    const page = textOfPage(
      await showLetter({ problems: ['type Invalid input: expected "purchase.placed.v1"'] }),
    );
    expect(page).toContain('What was also wrong when it arrived');
    expect(page).toContain('The type of the event must be “purchase.placed.v1”.');
    expect(page).toContain('This event is valid and can be replayed.');
  });

  test.each<[what: string, change: Partial<DeadLetterDetails>, says: string, offers: string[]]>([
    [
      'is recorded',
      { recordedAt },
      'was recorded on 1 Jan 2026, 11:00 UTC. There is nothing left to do.',
      [],
    ],
    [
      'is recorded although it was discarded',
      { recordedAt, state: 'discarded' },
      'There is nothing left to do.',
      [],
    ],
    [
      'was replayed',
      { state: 'replayed', replays: 1 },
      'the purchase may still go through',
      ['Replay again'],
    ],
    [
      'was discarded',
      { state: 'discarded', discardReason: 'A test <order>' },
      'may have bought again',
      ['Replay after all'],
    ],
    ['is in conflict', { superseded: true }, 'Another order is recorded', ['Discard']],
    ['was in conflict', { reason: 'contradicts-record' }, 'Another order is recorded', ['Discard']],
    [
      'was too large',
      { replayable: false, truncated: { bytes: 100_000, sha256: 'a'.repeat(64) } },
      'too large to keep',
      ['Discard'],
    ],
    ['is not valid', { replayable: false, reason: 'invalid' }, 'cannot be replayed as it is', ['Discard']],
  ])('that %s says so, and offers only what helps', async (_what, change, says, offers) => {
    const page = await showLetter(change);
    expect(textOfPage(page)).toContain(says);
    const offered = [...page.matchAll(/class="button(?:-quiet)?"[^>]*>([^<]+)</g)]
      .map(([, label]) => label)
      .filter((label) => /Replay|Discard/.test(label ?? ''));
    expect(offered).toEqual(offers);
    expect(page).not.toContain('<button class="button" type="submit">Replay');
    if (change.discardReason !== undefined) expect(page).toContain('A test &lt;order&gt;');
  });

  test('sends a replay and returns to itself', async () => {
    const path = `/operators/dead-letters/${id}/replay`;
    const response = await sameSite((await operator()).post(path)).expect(303);
    expect(response.get('Location')).toBe(`/operators/dead-letters/${id}`);
    expect(requested.at(-1)).toEqual(['POST', `${deadLetterApiPath}/${id}/replay`]);
  });

  test('explains why the service refused to replay', async () => {
    answer = () => problem(409, 'dead-letter-not-valid');
    const path = `/operators/dead-letters/${id}/replay`;
    const { text: page } = await sameSite((await operator()).post(path)).expect(409);
    expect(page).toContain('The event is not valid, so it would become a dead letter again.');
  });

  test.each([`/operators/dead-letters/x`, `/operators/dead-letters/${id}/burn`])(
    'is answered with 404 at %s',
    async (path) => {
      await (await operator()).get(path).expect(404);
      await sameSite((await operator()).post(path)).expect(404);
    },
  );
});

describe('discarding', () => {
  const path = `/operators/dead-letters/${id}/discard`;
  const post = async (form: object) =>
    sameSite((await operator()).post(path))
      .type('form')
      .send(form);

  test('asks first, says what it means for the shopper, and asks why', async () => {
    const { text: page } = await (await operator()).get(path).expect(200);
    expect(page).toContain('Discard this dead letter?');
    expect(page).toContain('the shopper will see that it did not go through');
    expect(page).toContain('<label for="reason">');
    expect(page).toContain(`href="/operators/dead-letters/${id}"`);
    expect(requested.map(([method]) => method)).toEqual(['GET']);
  });

  test('sends the reason and returns to the dead letter', async () => {
    const response = await post({ reason: '  A test order ' });
    expect([response.status, response.get('Location')]).toEqual([303, `/operators/dead-letters/${id}`]);
    expect(requested.at(-1)).toEqual([
      'POST',
      `${deadLetterApiPath}/${id}/discard`,
      { reason: 'A test order' },
    ]);
  });

  test.each<[string, { reason?: string }]>([
    ['no reason, as from a page of an earlier version', {}],
    ['an empty reason', { reason: ' ' }],
    ['a reason that shows nothing', { reason: '\u200b' }],
    ['a reason that is too long', { reason: `<b>${'x'.repeat(200)}` }],
  ])('with %s is not sent: the page asks for one and keeps what was typed', async (_what, form) => {
    const response = await post(form);
    expect(response.status).toBe(400);
    expect(textOfPage(response.text)).toContain('Enter a reason, in one line of at most 200 characters');
    expect(response.text).toContain('href="#reason"');
    if (form.reason?.includes('x') === true) expect(response.text).toContain('value="&lt;b&gt;xxx');
    expect(requested.map(([method]) => method)).toEqual(['GET']);
  });

  test.each([
    ['dead-letter-recorded', 'Its purchase has been recorded since'],
    ['dead-letter-replayed', 'its purchase may still be recorded'],
  ])('explains the refusal %s', async (code, says) => {
    answer = () => problem(409, code);
    const response = await post({ reason: 'A test order' });
    expect([response.status, textOfPage(response.text)]).toEqual([409, expect.stringContaining(says)]);
  });
});
