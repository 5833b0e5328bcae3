import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { createTestApp, sameSite, signedIn } from '../fakes/test-app.js';

describe('signing in', () => {
  test.each([
    ['', 'Ada', 'Customer number must not be empty'],
    ['   ', 'Ada', 'Customer number must not be empty'],
    ['ada', '', 'Name must not be empty'],
    ['a\u0000b', 'Ada', 'Customer number must not contain control characters'],
    ['ada', 'A\u001bda', 'Name must not contain control characters'],
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

  test('sets a cookie that scripts cannot read, and signing out removes it', async () => {
    const { app } = createTestApp();
    const agent = request.agent(app);
    const response = await sameSite(agent.post('/sign-in')).type('form').send({ id: 'ada', name: 'Ada' });
    expect(String(response.headers['set-cookie'])).toMatch(/^session=.*; HttpOnly; SameSite=Lax/i);
    await sameSite(agent.post('/sign-out')).expect(303);
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
