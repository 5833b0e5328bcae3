import { describe, expect, test } from '@jest/globals';
import express, { Router } from 'express';
import request from 'supertest';
import { z } from 'zod';
import { createLogger } from '../logs/logger.js';
import { methodNotAllowed, openApiDocument, requireDocumented, type ApiOperation } from './openapi.js';
import { problemHandler } from './problem-details.js';
import { requestId } from './request-id.js';

const look: ApiOperation = {
  method: 'GET',
  path: '/things/:id',
  summary: 'Looks at a thing',
  pathParameters: z.object({ id: z.string() }),
  query: z.strictObject({ limit: z.string().regex(/^\d+$/).transform(Number).default(20), from: z.string() }),
  answer: { status: 200, description: 'The thing', schema: z.strictObject({ id: z.string() }) },
  problems: { 404: 'There is none.' },
};
const make: ApiOperation = {
  method: 'POST',
  path: '/things/:id',
  summary: 'Makes a thing',
  body: z.strictObject({ size: z.int() }),
  answer: { status: 202, description: 'It is made', schema: z.strictObject({}) },
  problems: {},
};

const api = {
  title: 'Things',
  description: 'All of them.',
  version: '1.0.0',
  problem: z.object({ code: z.string() }),
  securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
};

test('the document says what the schemas say: what may come, and what is answered', () => {
  const document = openApiDocument({ ...api, operations: [look, make] });
  expect(document).toMatchObject({
    openapi: '3.1.1',
    paths: {
      '/things/{id}': {
        get: {
          parameters: [
            { name: 'id', in: 'path', required: true },
            { name: 'limit', in: 'query', required: false, schema: { type: 'string' } },
            { name: 'from', in: 'query', required: true },
          ],
          responses: {
            200: { content: { 'application/json': { schema: { additionalProperties: false } } } },
            404: { content: { 'application/problem+json': {} } },
          },
        },
        post: { requestBody: { content: { 'application/json': { schema: { required: ['size'] } } } } },
      },
    },
    security: [{ token: [] }],
  });
});

describe('a document', () => {
  const router = Router()
    .get('/things/:id', (_request, response) => response.json('in'))
    .post('/things/:id', (_request, response) => response.json('in'));

  test('of exactly what is answered is right', () => {
    requireDocumented([router], [look, make]);
  });

  test.each([
    ['leaves a route out', [look], 'POST /things/:id is not documented'],
    ['tells of one too many', [look, make, { ...make, path: '/more' }], 'POST /more is answered by no route'],
  ])('that %s is refused', (_what, operations, words) => {
    expect(() => {
      requireDocumented([router], operations);
    }).toThrow(words);
  });

  test('makes other methods of an address 405, and leaves everything else alone', async () => {
    const logger = createLogger('test', { level: 'silent', format: 'json' });
    const app = express().use(requestId, router, methodNotAllowed([look, make]));
    app.use((_request, response) => response.status(404).json('nothing'));
    app.use(problemHandler(logger));
    for (const method of ['put', 'delete', 'patch'] as const) {
      const response = await request(app)[method]('/things/1').expect(405);
      expect(response.get('Allow')).toBe('GET, HEAD, POST');
    }
    await request(app).get('/things/1').expect(200);
    await request(app).head('/things/1').expect(200);
    await request(app).delete('/things/1/more').expect(404);
  });
});
