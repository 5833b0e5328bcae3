import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { readSessionSecrets } from '../../src/sessions/session-secrets.js';
import { createTestApp, sameSite } from '../fakes/test-app.js';

const [old, fresh, other] = ['a', 'b', 'c'].map((letter) => letter.repeat(40));

/** The cookie of somebody who signs in at a shop with these secrets, and where their accepted purchase is. */
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

describe('when the session secret was changed', () => {
  test('who signed in before is still signed in, and from then on with the new one', async () => {
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

  test('what was accepted before is still said to be', async () => {
    const { cookie, status } = await visit(old);
    const { app } = createTestApp({ secret: `${fresh} ${old}` });
    const response = await request(app).get(status).set('Cookie', cookie).expect(200);
    expect(response.body).toMatchObject({ status: 'accepted' });
  });

  test('a cookie of neither is none', async () => {
    const { cookie } = await visit(other);
    const { app } = createTestApp({ secret: `${fresh} ${old}` });
    await request(app).get('/purchases').set('Cookie', cookie).expect(303);
  });
});

test.each(['', 'short', `${'a'.repeat(40)} short`])('a secret like %j is refused', (text) => {
  expect(() => readSessionSecrets(text)).toThrow(RangeError);
});
