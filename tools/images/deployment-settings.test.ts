import { describe, expect, test } from '@jest/globals';
import { projectRoot } from '../project-root.js';
import { readDeployment } from './deployment-settings.js';
import { imageServices } from './shipped-images.js';

describe.each(imageServices)('readDeployment for %s', (service) => {
  test('returns the environment, secrets, readiness probe and memory limits of the container', async () => {
    const settings = await readDeployment(projectRoot, service);
    expect(settings.env).toMatchObject({ NODE_ENV: 'production', PORT: String(settings.appPort) });
    expect(settings.secretEnv).toMatchObject({ DAPR_API_TOKEN: 'dapr-api-token' });
    expect(settings.readiness).toEqual({ path: '/health/ready', port: settings.appPort });
    expect([settings.memoryLimit, settings.sidecar.memoryLimit].join()).toMatch(/^\d+m,\d+m$/);
    expect(settings.sidecar.env).toHaveProperty('GOMEMLIMIT');
    expect(settings.sidecar.gracefulShutdownSeconds).toBeGreaterThan(0);
  });
});
