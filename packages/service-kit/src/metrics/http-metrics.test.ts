import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import express, { Router, type ErrorRequestHandler } from 'express';
import { Registry } from 'prom-client';
import { openEventStream } from '../http/event-stream.js';
import { httpMeter, httpMetrics } from './http-metrics.js';

let registry: Registry;
let server: http.Server;
let origin: string;

const answerError: ErrorRequestHandler = (_error, _request, response, _next) => {
  response.status(503).end();
};

beforeEach(async () => {
  registry = new Registry();
  const routes = Router()
    .get('/stream', (_request, response) => {
      openEventStream(response);
    })
    .get('/api/failing', () => {
      throw new Error('failing');
    });
  const app = express()
    .use(httpMetrics(httpMeter(registry)))
    .use(routes)
    .use('/api', answerError);
  server = http.createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('an event stream counts when it starts, not when its page closes', async () => {
  await fetch(`${origin}/stream`);
  const labels = '{method="GET",route="/stream",status="200"}';
  expect(await registry.metrics()).toContain(`http_request_duration_seconds_count${labels} 1`);
  expect(await registry.metrics()).toContain(`http_requests_total${labels} 1`);
});

test('the route of a request is its whole path, also if an error handler below a path answers it', async () => {
  await (await fetch(`${origin}/api/failing`)).text();
  expect(await registry.metrics()).toContain(
    'http_requests_total{method="GET",route="/api/failing",status="503"} 1',
  );
});
