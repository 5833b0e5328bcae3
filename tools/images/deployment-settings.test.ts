import { describe, expect, test } from '@jest/globals';
import { projectRoot } from '../project-root.js';
import { readDeployment } from './deployment-settings.js';
import { imageServices } from './shipped-images.js';

describe.each(imageServices)('the deployment of %s', (service) => {
  test('says how a container of it is run, in words of podman', async () => {
    const settings = await readDeployment(projectRoot, service);
    expect(settings.env).toMatchObject({ NODE_ENV: 'production', PORT: String(settings.appPort) });
    expect(settings.secretEnv).toMatchObject({ DAPR_API_TOKEN: 'dapr-api-token' });
    expect(settings.readiness).toEqual({ path: '/health/ready', port: settings.appPort });
    expect([settings.memoryLimit, settings.sidecar.memoryLimit].join()).toMatch(/^\d+m,\d+m$/);
    expect(settings.sidecar.env).toHaveProperty('GOMEMLIMIT');
  });
});
