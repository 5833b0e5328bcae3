import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { projectRoot } from '../../project-root.js';
import { readRunFile } from '../run-file/read-run-file.js';
import { planInstance, portNeedsOf } from './app-instance.js';

const runFile = await readRunFile(join(projectRoot, 'dapr.yaml'));

describe('planning an instance', () => {
  test('gives the first instance the ports of the run file, except for ports that the caller sets', async () => {
    const planned = await planInstance({ appId: 'storefront', ports: { metrics: 1 } }, runFile, []);
    expect(planned).toMatchObject({ name: 'storefront', sidecarName: 'storefront-sidecar' });
    expect(planned.ports).toEqual({
      app: 8080,
      daprHttp: 3500,
      daprGrpc: 3600,
      metrics: 1,
      internalGrpc: expect.any(Number),
    });
  });

  test('numbers replicas and gives each its own ports', async () => {
    const first = await planInstance({ appId: 'purchase-service' }, runFile, []);
    const second = await planInstance({ appId: 'purchase-service' }, runFile, [first]);
    const third = await planInstance({ appId: 'purchase-service' }, runFile, [first, second]);
    expect([second.name, third.name]).toEqual(['purchase-service-2', 'purchase-service-3']);
    const all = [...portNeedsOf(first), ...portNeedsOf(second)].map(({ port }) => port);
    expect(new Set(all).size).toBe(10);
  });

  test('rejects an app that is not in the run file', async () => {
    await expect(planInstance({ appId: 'bank' }, runFile, [])).rejects.toThrow('has no app bank');
  });
});

describe('the ports that an instance needs', () => {
  test('are listed with the process that listens on each', async () => {
    const planned = await planInstance({ appId: 'storefront', ports: { internalGrpc: 5 } }, runFile, []);
    expect(portNeedsOf(planned)).toEqual([
      { port: 8080, neededBy: 'storefront' },
      { port: 3500, neededBy: 'storefront-sidecar (HTTP)' },
      { port: 3600, neededBy: 'storefront-sidecar (gRPC)' },
      { port: 9090, neededBy: 'storefront-sidecar (metrics)' },
      { port: 5, neededBy: 'storefront-sidecar (internal gRPC)' },
    ]);
  });
});
