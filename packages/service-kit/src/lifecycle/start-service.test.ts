import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { createDaprGateway } from '../dapr/gateway.js';
import { startFakeSidecar, type Reply } from '../../test/fakes/fake-sidecar.js';
import { openEventStream, type EventStream } from '../http/event-stream.js';
import { listen } from '../http/http-server.js';
import { createLogger } from '../logs/logger.js';
import { Lifecycle } from './lifecycle.js';
import { openService, type Service, type ServiceConfiguration } from './start-service.js';

type Sidecar = Awaited<ReturnType<typeof startFakeSidecar>>;
type TestService = Service<ServiceConfiguration, { answer: string; healthChecks: [] }>;

const logger = createLogger('test', { level: 'silent', format: 'json' });

/** What happened, in order. */
let steps: string[];
let sidecarReply: () => Reply;
let sidecar: Sidecar;
let lifecycle: Lifecycle;
let configuration: ServiceConfiguration;

beforeEach(async () => {
  steps = [];
  sidecarReply = () => ({ status: 204 });
  sidecar = await startFakeSidecar(() => {
    const reply = sidecarReply();
    steps.push(`sidecar ${typeof reply === 'string' ? reply : reply.status}`);
    return reply;
  });
  lifecycle = new Lifecycle(logger);
  configuration = {
    http: {
      port: await freePort(),
      host: '127.0.0.1',
      managementPort: undefined,
      keepAliveMs: 5_000,
      admission: { requestsMax: 1, eventLoopDelayMaxMs: 60_000 },
    },
    dapr: { httpPort: sidecar.port, apiToken: undefined, waitMs: 5_000 },
    instanceName: 'replica-1',
    tracing: { endpoint: undefined },
    life: { log: { level: 'silent', format: 'json' }, shutdownDelayMs: 0, shutdownDeadlineMs: 1_000 },
  };
});

afterEach(async () => {
  await lifecycle.stop(0);
  await sidecar[Symbol.asyncDispose]();
});

async function freePort(): Promise<number> {
  const server = await listen((_request, response) => response.end(), 0, '127.0.0.1', {
    keepAliveTimeoutMs: 1_000,
  });
  await server.close(0);
  return server.port;
}

const get = (path: string) => fetch(`http://127.0.0.1:${configuration.http.port}${path}`);

const open = (changes: Partial<TestService> = {}) =>
  openService<ServiceConfiguration, { answer: string; healthChecks: [] }>(
    {
      name: 'test',
      configure: () => configuration,
      createDependencies: async () => {
        await expect(get('/')).rejects.toThrow();
        steps.push('dependencies');
        return { answer: 'yes', healthChecks: [] };
      },
      createApp: ({ answer }, { management, readActivity }) => {
        steps.push('app');
        return express()
          .use(management)
          .get('/', (_request, response) => response.send(answer))
          .get('/activity', async (_request, response) => response.json(await readActivity()));
      },
      activityMetrics: { counters: {} },
      ...changes,
    },
    configuration,
    lifecycle,
    logger,
  );

describe('openService', () => {
  test('waits for the sidecar, builds the dependencies and the app, and only then accepts requests', async () => {
    let attempts = 0;
    sidecarReply = () => ({ status: (attempts += 1) < 3 ? 500 : 204 });
    await open();
    expect(steps).toEqual(['sidecar 500', 'sidecar 500', 'sidecar 204', 'dependencies', 'app']);
    expect(await (await get('/')).text()).toBe('yes');
  });

  test('opens no port if the sidecar is not ready in time', async () => {
    sidecarReply = () => ({ status: 500 });
    configuration.dapr.waitMs = 10;
    await expect(open()).rejects.toThrow('no sidecar was ready');
    await expect(get('/')).rejects.toThrow();
    expect(steps).not.toContain('dependencies');
  });

  test('is ready from the end of the start to the beginning of the stop', async () => {
    await open();
    expect((await get('/health/ready')).status).toBe(503);
    lifecycle.ready();
    expect((await get('/health/ready')).status).toBe(200);
    const stopped = lifecycle.stop(50);
    expect((await get('/health/ready')).status).toBe(503);
    await stopped;
    await expect(get('/health/ready')).rejects.toThrow();
  });

  test('ends its streams while its port still answers, so that they do not keep it from closing', async () => {
    let stream: EventStream | undefined;
    await open({
      createApp: () =>
        express()
          .get('/', (_request, response) => response.send('yes'))
          .get('/stream', (_request, response) => {
            stream = openEventStream(response);
          }),
      endStreams: async () => {
        expect(await (await get('/')).text()).toBe('yes');
        stream?.end();
      },
    });
    const response = await get('/stream');
    await lifecycle.stop(0);
    expect(await response.text()).toContain('retry:');
    await expect(get('/')).rejects.toThrow();
  });

  test('starts its own work with the dependencies, and ends it after the port and before the sidecar', async () => {
    await open({
      startWork: ({ answer }) => {
        steps.push(`work ${answer}`);
        return async () => {
          await expect(get('/')).rejects.toThrow();
          expect((await fetch(`http://127.0.0.1:${sidecar.port}`)).ok).toBe(true);
          steps.push('end of work');
        };
      },
    });
    await lifecycle.stop(0);
    expect(steps.slice(1)).toEqual(['dependencies', 'work yes', 'app', 'sidecar 204', 'end of work']);
  });

  test('checks the sidecar and what the dependencies name, and reports its activity', async () => {
    await open();
    sidecarReply = () => ({ status: 500 });
    const health = (await (await get('/health')).json()) as object;
    expect(health).toMatchObject({ status: 'down', checks: [{ name: 'sidecar', status: 'down' }] });
    const activity = (await (await get('/activity')).json()) as object;
    expect(activity).toMatchObject({ instance: 'replica-1', checks: [{ name: 'sidecar', status: 'down' }] });
  });

  test('uses the gateway that replaces the connection to a sidecar', async () => {
    sidecarReply = () => ({ status: 500 });
    await open({
      createGateway: () =>
        Promise.resolve({ ...createDaprGateway(1, undefined), check: () => Promise.resolve() }),
    });
    expect((await get('/health')).status).toBe(200);
    expect(steps).toEqual(['dependencies', 'app']);
  });
});
