import { expect, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { requestId } from './request-id.js';

const app = express().use(requestId, (_request, response) => response.end());

test("requestId keeps a caller's acceptable id", async () => {
  const response = await request(app).get('/').set('X-Request-Id', 'abc-123.4:5_6');
  expect(response.headers['x-request-id']).toBe('abc-123.4:5_6');
});

test.each(['', 'a b', 'a"b', 'x'.repeat(65), '<script>', '../..'])(
  'requestId replaces the unacceptable id %j',
  async (id) => {
    const response = await request(app).get('/').set('X-Request-Id', id);
    expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  },
);
