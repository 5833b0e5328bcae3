import { expect, test } from '@jest/globals';
import { problemCodes } from '@unity-purchase/contracts';
import { z } from 'zod';
import { openApiDocument } from './openapi.js';
import type { ApiOperation } from './route.js';

const read: ApiOperation = {
  method: 'GET',
  path: '/things/:id',
  summary: 'Reads a thing',
  pathParameters: z.object({ id: z.string() }),
  query: z.strictObject({ limit: z.string().regex(/^\d+$/).transform(Number).default(20), from: z.string() }),
  answer: { status: 200, description: 'The thing', schema: z.strictObject({ id: z.string() }) },
  problems: ['not-found', 'purchase-unknown', 'busy'],
};
const make: ApiOperation = {
  method: 'POST',
  path: '/things/:id',
  summary: 'Makes a thing',
  body: z.strictObject({ size: z.int() }),
  answer: { status: 202, description: 'It is made', schema: z.strictObject({}) },
  problems: [],
};

const api = {
  title: 'Things',
  description: 'All of them.',
  version: '1.0.0',
  problem: z.object({ code: z.string() }),
  securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
};

test('openApiDocument describes the inputs, answers and problems of each operation', () => {
  const mayHaveBody = { ...make, path: '/others', body: make.body?.optional() ?? z.undefined() };
  const document = openApiDocument({ ...api, operations: [read, make, mayHaveBody] });
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
            503: { description: `\`busy\`: ${problemCodes.busy.meaning}` },
          },
        },
        post: {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { required: ['size'] } } },
          },
        },
      },
      '/others': {
        post: {
          requestBody: {
            required: false,
            content: { 'application/json': { schema: { required: ['size'] } } },
          },
        },
      },
    },
    security: [{ token: [] }],
  });
});
