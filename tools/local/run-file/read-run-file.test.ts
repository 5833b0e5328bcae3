import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { projectRoot } from '../../project-root.js';
import { firstOutgoingPort } from '../runner/free-ports.js';
import { parseRunFile, readRunFile } from './read-run-file.js';

const app = `
  - appID: shop
    appDirPath: ./shop
    appPort: 8080
    daprHTTPPort: 3500
    daprGRPCPort: 3600
    metricsPort: 9090
    command: [node, main.js]`;

function parseText(text: string) {
  return parseRunFile(text, '/somewhere/dapr.yaml');
}

describe('parsing a run file', () => {
  test('gives an app the values of common, with absolute paths', () => {
    const { apps } = parseText(`
version: 1
common:
  configFilePath: ./config.yaml
  resourcesPaths: [./components]
  enableAppHealthCheck: true
  appHealthCheckPath: /ready
  appHealthProbeInterval: 2
  appHealthProbeTimeout: 1000
  appHealthThreshold: 4
apps:${app}`);
    expect(apps).toEqual([
      {
        appId: 'shop',
        appDir: '/somewhere/shop',
        appPort: 8080,
        daprHttpPort: 3500,
        daprGrpcPort: 3600,
        metricsPort: 9090,
        command: ['node', 'main.js'],
        env: {},
        resourcesPaths: ['/somewhere/components'],
        configFile: '/somewhere/config.yaml',
        placementHostAddress: undefined,
        schedulerHostAddress: undefined,
        appHealth: {
          enabled: true,
          path: '/ready',
          probeIntervalSeconds: 2,
          probeTimeoutMs: 1000,
          threshold: 4,
        },
      },
    ]);
  });

  test('merges the environment by variable, and the value of the app wins', () => {
    const { apps } = parseText(`
version: 1
common: { env: { LEVEL: info, REGION: here } }
apps:${app}
    env: { LEVEL: debug, PORT: 8080 }`);
    expect(apps[0]?.env).toEqual({ LEVEL: 'debug', REGION: 'here', PORT: '8080' });
  });

  test('replaces a value of common by the value of the app, without merging them', () => {
    const { apps } = parseText(`
version: 1
common: { resourcesPaths: [./a, ./b], appHealthThreshold: 2 }
apps:${app}
    resourcesPaths: [./c]
    appHealthThreshold: 7`);
    expect(apps[0]).toMatchObject({ resourcesPaths: ['/somewhere/c'], appHealth: { threshold: 7 } });
  });

  test('rejects a misspelt key of an app with its location and its name', () => {
    expect(() => parseText(`version: 1\napps:${app}\n    appHealthTreshold: 2`)).toThrow(
      /apps\[0\]: .*appHealthTreshold/,
    );
  });

  test('rejects misspelt keys of common and of the file together', () => {
    expect(() => parseText(`version: 1\ncomon: {}\ncommon: { enviroment: {} }\napps:${app}`)).toThrow(
      /common: .*enviroment[^]*the file: .*comon/,
    );
  });

  test('rejects a missing port with its location', () => {
    expect(() => parseText(`version: 1\napps:${app.replace('appPort: 8080', '')}`)).toThrow(
      /apps\[0\]\.appPort/,
    );
  });

  test('rejects two apps with the same id and names it', () => {
    expect(() => parseText(`version: 1\napps:${app}${app}`)).toThrow('two apps named shop');
  });

  test('reads a blank address of placement or scheduler as none', () => {
    const { apps } = parseText(
      `version: 1\ncommon: { placementHostAddress: '', schedulerHostAddress: ' ' }\napps:${app}`,
    );
    expect(apps[0]).toMatchObject({ placementHostAddress: undefined, schedulerHostAddress: undefined });
  });
});

describe('the run file of this repository', () => {
  test('is valid, and every app listens on the port in its environment', async () => {
    const { apps } = await readRunFile(join(projectRoot, 'dapr.yaml'));
    expect(apps.map((one) => one.appId).sort()).toEqual(['purchase-service', 'storefront']);
    for (const one of apps) expect(one.env['PORT']).toBe(String(one.appPort));
  });

  test('uses no port that the system may give to an outgoing connection before its server starts', async () => {
    const { apps } = await readRunFile(join(projectRoot, 'dapr.yaml'));
    const ports = apps.flatMap((one) => [one.appPort, one.daprHttpPort, one.daprGrpcPort, one.metricsPort]);
    expect(ports.filter((port) => port >= firstOutgoingPort)).toEqual([]);
  });
});
