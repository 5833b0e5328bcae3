import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { readSessionSecrets } from '../../src/sessions/session-secrets.js';
import { createTestApp, sameSite } from '../fakes/test-app.js';

const [old, fresh, other] = ['a', 'b', 'c'].map((letter) => letter.repeat(40));

/** The session cookie of a shopper who signs in to a shop with this secret, and the address of their accepted purchase. */
async function visit(secret: string | undefined) {
  const { app } = createTestApp({ secret: secret ?? '' });
  const signedIn = await sameSite(request(app).post('/sign-in'))
    .type('form')
    .send({ id: 'ada', name: 'Ada' });
  const cookie = cookieOf(signedIn);
  const bought = await request(app)
    .post('/api/purchases')
    .set('Cookie', cookie)
    .send({ lines: [{ sku: 'mug' }] })
    .expect(202);
  return { cookie, status: bought.get('Location') ?? '' };
}

function cookieOf(response: request.Response): string {
  return response.get('Set-Cookie')?.[0]?.split(';')[0] ?? '';
}

describe('after the session secret changed', () => {
  test('shoppers stay signed in, and their cookies are sealed again with the new secret', async () => {
    const { cookie } = await visit(old);
    const both = createTestApp({ secret: `${fresh} ${old}` });
    both.behind.invoke = () =>
      Promise.resolve({ status: 200, body: { purchases: [], totals: { count: 0, sums: {} } } });
    const response = await request(both.app).get('/purchases').set('Cookie', cookie).expect(200);
    const renewed = cookieOf(response);
    const alone = createTestApp({ secret: fresh ?? '' });
    alone.behind.invoke = both.behind.invoke;
    await request(alone.app).get('/purchases').set('Cookie', renewed).expect(200);
    await request(alone.app).get('/purchases').set('Cookie', cookie).expect(303);
  });

  test('acceptance proofs of the old secret are still valid', async () => {
    const { cookie, status } = await visit(old);
    const { app } = createTestApp({ secret: `${fresh} ${old}` });
    const response = await request(app).get(status).set('Cookie', cookie).expect(200);
    expect(response.body).toMatchObject({ status: 'accepted' });
  });

  test('a cookie of an unknown secret is ignored', async () => {
    const { cookie } = await visit(other);
    const { app } = createTestApp({ secret: `${fresh} ${old}` });
    await request(app).get('/purchases').set('Cookie', cookie).expect(303);
  });
});

test.each(['', 'short', `${'a'.repeat(40)} short`])('the session secret %j is refused', (text) => {
  expect(() => readSessionSecrets(text)).toThrow(RangeError);
});

/** Ada's session in a shop of version 0.1 with the secret `old`, sealed by iron-session 8.0.4 and without an end. */
const sessionOf01 =
  'Fe26.2*1*1c3b1ec221a68abe6ffc215f4fc8664a6f29b2bc91ca248d96e37e626c032222*sSOg46EUwPWSCdElvkRCQA*CjgtzvKkwi5vKCyVr3P4iXXONDRaLrQV7Bd3eIb-7iqvrhMZmF1vxYVDJO6ahwho_buHtvBgEYnnbJ5pMndYiA**e8a02b572461ef5ccf3bf5a173aea5aaaa9257101a46aa54de3e4e34a2d34a97*THizBY-JIQ6gK8xMCyAE7Xl6H00NsP1igVE5rB8gUAA~2';

describe('a session cookie', () => {
  const { app } = createTestApp({ secret: old ?? '' });

  test('of version 0.1 still signs in', async () => {
    const cookie = `language=de; session=${sessionOf01}; other=1`;
    const page = await request(app).get('/').set('Cookie', cookie).expect(200);
    expect(page.text).toContain('Ada');
  });

  test.each([
    ['is empty', ''],
    ['has another format', 'x'],
    ['has no ending', sessionOf01.slice(0, -2)],
    ['was cut off', `${sessionOf01.slice(0, -10)}~2`],
    ['was altered', sessionOf01.replace('CjgtzvKk', 'CjgtzvKl')],
    ['is sealed by an unknown secret', sessionOf01.replace('*1*', '*2*')],
    ['contains a percent sign', `%${sessionOf01}`],
  ])('that %s counts as none', async (_what, value) => {
    const page = await request(app).get('/').set('Cookie', `session=${value}`).expect(200);
    expect(page.text).not.toContain('Ada');
  });
});
