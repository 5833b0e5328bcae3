import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { createTestApp, signedIn, type TestApp } from '../fakes/test-app.js';

/** Signing in counts for the address, because the shopper is not signed in yet. */
const requestsPerMinuteMax = 3;

const from = (address: string) => ({ 'X-Forwarded-For': address });

describe('a client that sends too many requests in a minute', () => {
  test('gets a page with status 429 and the time to wait', async () => {
    const { app } = createTestApp({ requestsPerMinuteMax });
    for (let count = 0; count < requestsPerMinuteMax; count += 1) await request(app).get('/').expect(200);
    const response = await request(app).get('/').expect(429);
    expect(Number(response.get('Retry-After'))).toBeGreaterThan(0);
    expect(Number(response.get('Retry-After'))).toBeLessThanOrEqual(60);
    expect(response.text).toContain('Too many requests');
  });

  test('gets a problem with status 429 from the API', async () => {
    const { app } = createTestApp({ requestsPerMinuteMax: 1 });
    await request(app).get('/api/purchases').expect(401);
    const response = await request(app).get('/api/purchases').expect(429);
    expect(response.body).toMatchObject({ status: 429, code: 'too-many-requests' });
  });

  test('does not affect other shoppers behind the same address', async () => {
    const test = createTestApp({ requestsPerMinuteMax });
    const [ada, bob] = [await signedIn(test, 'ada'), await signedIn(test, 'bob')];
    for (let count = 0; count < requestsPerMinuteMax; count += 1) await ada.get('/').expect(200);
    await ada.get('/').expect(429);
    await bob.get('/').expect(200);
  });

  test('still gets style sheets', async () => {
    const { app } = createTestApp({ requestsPerMinuteMax: 1 });
    for (let count = 0; count < 3; count += 1) await request(app).get('/style.css').expect(200);
  });
});

describe('the address of a client', () => {
  test('does not come from the header of an untrusted sender', async () => {
    const { app } = createTestApp({ requestsPerMinuteMax: 1 });
    await request(app).get('/').set(from('192.0.2.1')).expect(200);
    await request(app).get('/').set(from('192.0.2.2')).expect(429);
  });

  test('comes from the header of a trusted proxy', async () => {
    const { app } = createTestApp({ requestsPerMinuteMax: 1, trustedProxies: 1 });
    await request(app).get('/').set(from('192.0.2.1')).expect(200);
    await request(app).get('/').set(from('192.0.2.2')).expect(200);
    await request(app).get('/').set(from('6.6.6.6, 192.0.2.1')).expect(429);
  });
});

describe('a client that guesses bearer tokens', () => {
  const guess = (app: TestApp['app'], authorization: string) =>
    request(app).get('/api/purchases').set('Authorization', authorization);

  test('is limited like any other client, and its tokens are not even read beyond the limit', async () => {
    const { app } = createTestApp({ requestsPerMinuteMax });
    for (const token of ['Bearer a', 'Bearer b c', 'Bearer']) {
      const refused = await guess(app, token).expect(401);
      expect(refused.body).toMatchObject({ code: 'no-tokens' });
      expect(refused.get('WWW-Authenticate')).toContain('Cookie');
    }
    const response = await guess(app, 'Bearer d').expect(429);
    expect(response.body).toMatchObject({ code: 'too-many-requests' });
    expect(Number(response.get('Retry-After'))).toBeGreaterThan(0);
  });

  test('does not use up the requests of shoppers at the same address', async () => {
    const test = createTestApp({ requestsPerMinuteMax });
    const ada = await signedIn(test);
    for (let count = 0; count <= requestsPerMinuteMax; count += 1) await guess(test.app, 'Bearer a');
    await ada.get('/').expect(200);
  });
});
