import { beforeEach, describe, expect, test } from '@jest/globals';
import express, { json, type RequestHandler } from 'express';
import request from 'supertest';
import { z } from 'zod';
import { createLogger } from '../logs/logger.js';
import { methodNotAllowed } from './method-not-allowed.js';
import { problemHandler } from './problem-details.js';
import { requestId } from './request-id.js';
import { createApiRouter, route, type ApiRouter } from './route.js';

const answer = { status: 200, description: 'The inputs', schema: z.looseObject({}) };
const digits = z.string().regex(/^\d+$/).transform(Number);

let api: ApiRouter;

beforeEach(() => {
  api = createApiRouter();
});

const app = () =>
  express()
    .use(requestId, api.router, methodNotAllowed(api.operations))
    .use((_request, response) => response.status(404).json('no route'))
    .use(problemHandler(createLogger('test', { level: 'silent', format: 'json' })));

/** Adds `POST /things/:id`, which answers with its inputs. */
function addThings(before: readonly RequestHandler[] = []) {
  route(
    api,
    {
      method: 'POST',
      path: '/things/:id',
      summary: 'Makes a thing',
      pathParameters: z.object({ id: digits }),
      query: z.strictObject({ limit: digits.default(20) }),
      body: z.strictObject({ size: z.int() }),
      answer: { ...answer, status: 202 },
      problems: [],
      before: [...before, json()],
    },
    ({ path, query, body }) => Promise.resolve({ path, query, body }),
  );
}

describe('route', () => {
  test('calls the handler with the parsed inputs and answers with its result and the documented status', async () => {
    addThings();
    const response = await request(app()).post('/things/7?limit=3').send({ size: 2 }).expect(202);
    expect(response.body).toEqual({ path: { id: 7 }, query: { limit: 3 }, body: { size: 2 } });
  });

  test.each([
    ['an invalid path parameter', '/things/x', { size: 2 }, 404, 'not-found'],
    ['an invalid query', '/things/7?limit=x', { size: 2 }, 400, 'invalid-request'],
    ['an unknown query parameter', '/things/7?colour=red', { size: 2 }, 400, 'invalid-request'],
    ['an invalid body', '/things/7', { size: 'large' }, 400, 'invalid-request'],
    ['an invalid path parameter, query and body', '/things/x?limit=x', {}, 404, 'not-found'],
  ])('answers %s with a problem', async (_what, path, body, status, code) => {
    addThings();
    const response = await request(app()).post(path).send(body).expect(status);
    expect(response.body).toMatchObject({ status, code });
  });

  test('answers a body that is not JSON with 415', async () => {
    addThings();
    const response = await request(app()).post('/things/7').type('text').send('size=2').expect(415);
    expect(response.body).toMatchObject({ code: 'unsupported-media-type' });
  });

  test('needs no body, and no content type, if its schema accepts undefined', async () => {
    route(
      api,
      {
        method: 'POST',
        path: '/optional',
        summary: 'Takes a body or none',
        body: z.strictObject({ size: z.int() }).optional(),
        answer,
        problems: [],
        before: [json()],
      },
      ({ body }) => Promise.resolve({ body: body ?? 'none' }),
    );
    const post = () => request(app()).post('/optional');
    expect((await post().expect(200)).body).toEqual({ body: 'none' });
    expect((await post().type('json').expect(200)).body).toEqual({ body: 'none' });
    expect((await post().send({ size: 1 }).expect(200)).body).toEqual({ body: { size: 1 } });
    await post().send({}).expect(400);
    await post().type('text').send('size=2').expect(415);
  });

  test('runs the middleware of an operation before it parses the inputs', async () => {
    addThings([(_request, response) => response.status(401).json('who are you?')]);
    await request(app()).post('/things/x?limit=x').expect(401, '"who are you?"');
  });

  test('leaves the response to a handler that resolves to undefined', async () => {
    route(api, { method: 'GET', path: '/text', summary: 'Text', answer, problems: [] }, ({ response }) => {
      setImmediate(() => response.type('text').send('written by hand'));
      return Promise.resolve(undefined);
    });
    await request(app()).get('/text').expect(200, 'written by hand');
  });

  test('answers what a handler throws as a problem', async () => {
    route(api, { method: 'GET', path: '/broken', summary: 'Fails', answer, problems: [] }, () =>
      Promise.reject(new Error('a secret reason')),
    );
    const response = await request(app()).get('/broken').expect(500);
    expect(response.text).not.toContain('secret');
  });

  test('documents every operation that it registers', () => {
    addThings();
    route(api, { method: 'DELETE', path: '/things/:id', summary: 'Removes it', answer, problems: [] }, () =>
      Promise.resolve({}),
    );
    expect(api.operations.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /things/:id',
      'DELETE /things/:id',
    ]);
  });
});

describe('methodNotAllowed', () => {
  beforeEach(() => {
    addThings();
    route(api, { method: 'GET', path: '/things/:id', summary: 'Reads it', answer, problems: [] }, () =>
      Promise.resolve({}),
    );
  });

  test.each(['put', 'delete', 'patch'] as const)(
    'answers %s with 405 and the methods of the registered routes',
    async (method) => {
      const response = await request(app())[method]('/things/7').expect(405);
      expect(response.get('Allow')).toBe('POST, GET, HEAD');
      expect(response.body).toMatchObject({ code: 'method-not-allowed' });
    },
  );

  test('leaves the registered methods to their routes, and HEAD to the route of GET', async () => {
    await request(app()).get('/things/7').expect(200);
    await request(app()).head('/things/7').expect(200);
    await request(app()).post('/things/7').send({ size: 1 }).expect(202);
  });

  test('leaves paths without a route alone', async () => {
    await request(app()).delete('/things/7/more').expect(404, '"no route"');
  });
});
