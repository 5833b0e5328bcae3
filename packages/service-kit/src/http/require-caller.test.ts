import { describe, expect, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { problemHandler } from './problem-details.js';
import { requestId } from './request-id.js';
import { callerOf, requireCaller, type CallerTokens } from './require-caller.js';
import { createLogger } from '../logs/logger.js';

const sidecar = 'token-of-the-sidecar';
const operator = 'token-of-operators';
const logger = createLogger('test', { level: 'silent', format: 'json' });

function appFor(tokens: CallerTokens) {
  const app = express().use(requestId);
  app.get('/events', requireCaller(tokens, 'sidecar'), (_request, response) => response.json('in'));
  app.get('/api', requireCaller(tokens, 'sidecar or operator'), (_request, response) => response.json('in'));
  app.get('/who', requireCaller(tokens, 'sidecar or operator'));
  app.get(['/who', '/unguarded'], (_request, response) => response.json(callerOf(response)));
  return app.use(problemHandler(logger));
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('with tokens', () => {
  test.each([
    ['the sidecar', { 'dapr-api-token': sidecar }, 200, 200],
    ['an operator', bearer(operator), 401, 200],
    ['a caller without a token', {}, 401, 401],
    ['a wrong token', { 'dapr-api-token': `${sidecar}x` }, 401, 401],
    ['an empty token', { 'dapr-api-token': '', ...bearer('') }, 401, 401],
    ["the operators' token in the sidecar's place", { 'dapr-api-token': operator }, 401, 401],
    ["the sidecar's token in the operators' place", bearer(sidecar), 401, 401],
    ['the token without its scheme', { authorization: operator }, 401, 401],
  ])('%s is answered %2$i to events and %3$i to the API', async (_who, headers, events, api) => {
    const app = appFor({ sidecar, operator });
    const statuses = [
      await request(app).get('/events').set(headers),
      await request(app).get('/api').set(headers),
    ];
    expect(statuses.map(({ status }) => status)).toEqual([events, api]);
  });
});

describe('callerOf', () => {
  const asSidecar = { 'dapr-api-token': sidecar };

  test.each([
    ['the sidecar', { sidecar, operator }, asSidecar, 'sidecar'],
    ['an operator', { sidecar, operator }, bearer(operator), 'operator'],
    [
      'an operator, whose request has the sidecar’s token too',
      { sidecar, operator },
      { ...asSidecar, ...bearer(operator) },
      'operator',
    ],
    [
      'an operator, if the sidecar has no token',
      { sidecar: undefined, operator },
      bearer(operator),
      'operator',
    ],
    [
      'any other caller, if the sidecar has no token',
      { sidecar: undefined, operator },
      bearer('wrong'),
      'sidecar',
    ],
  ])('returns the admitted caller: %s', async (_who, tokens, headers, caller) => {
    expect((await request(appFor(tokens)).get('/who').set(headers)).body).toBe(caller);
  });

  test('throws if the route does not require a caller', async () => {
    expect(
      (await request(appFor({ sidecar, operator })).get('/unguarded').set(bearer(operator))).status,
    ).toBe(500);
  });
});

test('no caller is an operator if operators have no token', async () => {
  const app = appFor({ sidecar, operator: undefined });
  expect((await request(app).get('/api').set(bearer('undefined'))).status).toBe(401);
});

test('every caller is admitted if the sidecar has no token', async () => {
  const app = appFor({ sidecar: undefined, operator: undefined });
  expect((await request(app).get('/events')).status).toBe(200);
});
