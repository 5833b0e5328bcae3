import { describe, expect, test } from '@jest/globals';
import { shopperKey } from '@unity-purchase/contracts';
import request from 'supertest';
import { v7 } from 'uuid';
import { createTestApp, sameSite, signedIn } from '../fakes/test-app.js';

describe('signing in', () => {
  test.each([
    ['', 'Ada', 'Customer number must not be empty'],
    ['   ', 'Ada', 'Customer number must not be empty'],
    ['ada', '', 'Name must not be empty'],
    ['a\u0000b', 'Ada', 'Customer number must not contain control characters'],
    ['ada', 'A\u001bda', 'Name must not contain control characters'],
    ['\u3164', 'Ada', 'Customer number must not be empty'],
    ['ada', '\u200b\u2800\u202e', 'Name must not be empty'],
    ['ada', 'Ada\u2028Lovelace', 'Name must not contain control characters'],
    ['a'.repeat(10_000), 'Ada', 'Customer number must be at most 128 characters long'],
  ])('as %j with the name %j says what is wrong', async (id, name, message) => {
    const { app } = createTestApp();
    const response = await sameSite(request(app).post('/sign-in'))
      .type('form')
      .send({ id, name })
      .expect(400);
    expect(response.text).toContain(message);
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  test.each(['..', 'a/b', 'a||b', '$where', '🙂', '<script>alert(1)</script>', '"; drop table'])(
    'as %j works and shows the name escaped as text',
    async (id) => {
      const test = createTestApp();
      const agent = await signedIn(test, id, id);
      const { text } = await agent.get('/').expect(200);
      expect(text).toContain('Sign out');
      expect(text).not.toContain('<script>alert');
    },
  );

  test('keeps a name that reverses the text around it without doing that', async () => {
    const agent = await signedIn(createTestApp(), 'ada', 'Ada\u202e Lovelace');
    const { text } = await agent.get('/').expect(200);
    expect(text).toContain('<bdi>Ada Lovelace</bdi>');
  });

  test('as one shopper, however the characters of the customer number are composed', async () => {
    const test = createTestApp();
    for (const id of ['zoë', 'zoe\u0308', ' zoë\u200b'])
      await (await signedIn(test, id)).get(`/purchases/${v7()}`).expect(404);
    expect(new Set(test.invoked.map((path) => path.split('/')[3]))).toEqual(new Set([shopperKey('zoë')]));
  });

  test('keeps phones from capitalising the customer number, because "Ada" and "ada" are two shoppers', async () => {
    const { text } = await request(createTestApp().app).get('/sign-in').expect(200);
    expect(text).toMatch(/<input id="id"[^>]* autocapitalize="none" autocorrect="off"/);
    expect(text).not.toMatch(/<input id="name"[^>]* autocapitalize/);
  });

  test('sets a cookie that scripts cannot read, and signing out removes it', async () => {
    const { app } = createTestApp();
    const agent = request.agent(app);
    const response = await sameSite(agent.post('/sign-in')).type('form').send({ id: 'ada', name: 'Ada' });
    expect(String(response.headers['set-cookie'])).toMatch(/^session=.*; HttpOnly; SameSite=Lax/i);
    const out = await sameSite(agent.post('/sign-out')).expect(303);
    const { text } = await agent.get(out.headers['location'] ?? '').expect(200);
    expect(text).toContain('You are signed out');
    expect((await agent.get('/')).text).not.toContain('Sign out');
  });

  test.each([
    'https://elsewhere.example',
    '//elsewhere.example',
    '/\\elsewhere.example',
    'javascript:alert(1)',
    '////x',
    '',
  ])('never redirects to %j', async (returnTo) => {
    const { app } = createTestApp();
    const response = await sameSite(request(app).post('/sign-in'))
      .type('form')
      .send({ id: 'a', name: 'A', returnTo });
    expect(response.headers['location']).toMatch(/^\/(?![/\\])/);
  });
});
