import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { createTestApp, signedIn } from '../fakes/test-app.js';

/** Signing in is a request, too, of somebody who is not signed in yet. */
const requestsPerMinuteMax = 3;

const from = (address: string) => ({ 'X-Forwarded-For': address });

describe('a client that asks for more than it may in a minute', () => {
  test('is shown a page with 429 and when to come again', async () => {
    const { app } = createTestApp({ requestsPerMinuteMax });
    for (let count = 0; count < requestsPerMinuteMax; count += 1) await request(app).get('/').expect(200);
    const response = await request(app).get('/').expect(429);
    expect(Number(response.get('Retry-After'))).toBeGreaterThan(0);
    expect(Number(response.get('Retry-After'))).toBeLessThanOrEqual(60);
    expect(response.text).toContain('Too many requests');
  });

  test('is told so by the API', async () => {
    const { app } = createTestApp({ requestsPerMinuteMax: 1 });
    await request(app).get('/api/purchases').expect(401);
    const response = await request(app).get('/api/purchases').expect(429);
    expect(response.body).toMatchObject({ status: 429, code: 'too-many-requests' });
  });

  test('costs no other client anything: shoppers are told apart behind one address', async () => {
    const test = createTestApp({ requestsPerMinuteMax });
    const [ada, bob] = [await signedIn(test, 'ada'), await signedIn(test, 'bob')];
    for (let count = 0; count < requestsPerMinuteMax; count += 1) await ada.get('/').expect(200);
    await ada.get('/').expect(429);
    await bob.get('/').expect(200);
  });

  test('still gets style sheets, which cost nothing', async () => {
    const { app } = createTestApp({ requestsPerMinuteMax: 1 });
    for (let count = 0; count < 3; count += 1) await request(app).get('/style.css').expect(200);
  });
});

describe('where a request came from', () => {
  test('is not what a stranger says', async () => {
    const { app } = createTestApp({ requestsPerMinuteMax: 1 });
    await request(app).get('/').set(from('192.0.2.1')).expect(200);
    await request(app).get('/').set(from('192.0.2.2')).expect(429);
  });

  test('is what a trusted proxy says', async () => {
    const { app } = createTestApp({ requestsPerMinuteMax: 1, trustedProxies: 1 });
    await request(app).get('/').set(from('192.0.2.1')).expect(200);
    await request(app).get('/').set(from('192.0.2.2')).expect(200);
    await request(app).get('/').set(from('6.6.6.6, 192.0.2.1')).expect(429);
  });
});
