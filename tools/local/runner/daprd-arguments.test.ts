import { describe, expect, test } from '@jest/globals';
import { daprdArguments, type SidecarSettings } from './daprd-arguments.js';

const settings: SidecarSettings = {
  appId: 'storefront',
  ports: { app: 1, daprHttp: 2, daprGrpc: 3, metrics: 4 },
  appHealth: { enabled: true, path: '/ready', probeIntervalSeconds: 5, probeTimeoutMs: 6, threshold: 7 },
  resourcesPaths: ['/a', '/b'],
  configFile: '/config.yaml',
  placementHostAddress: undefined,
  schedulerHostAddress: undefined,
  logLevel: 'warn',
  gracefulShutdownSeconds: 8,
};

const line = (changes: Partial<SidecarSettings> = {}) =>
  daprdArguments({ ...settings, ...changes }).join(' ');

describe('the arguments of a sidecar', () => {
  test('bind every kind of port to the loopback interface', () => {
    for (const flag of [
      '--dapr-listen-addresses',
      '--dapr-internal-grpc-listen-address',
      '--metrics-listen-address',
      '--app-channel-address',
    ])
      expect(line()).toContain(`${flag} 127.0.0.1`);
  });

  test('name every resource folder and the configuration', () => {
    expect(line()).toContain('--resources-path /a --resources-path /b --config /config.yaml');
  });

  test('contain the health check of the app in the units of daprd', () => {
    expect(line()).toContain(
      '--enable-app-health-check --app-health-check-path /ready --app-health-probe-interval 5 ' +
        '--app-health-probe-timeout 6 --app-health-threshold 7',
    );
  });

  test('end it in time', () => {
    expect(line()).toContain('--dapr-graceful-shutdown-seconds 8');
  });

  test('contain no health check when the run file has none', () => {
    expect(line({ appHealth: { ...settings.appHealth, enabled: false } })).not.toContain('health');
  });

  test('leave the choice of the internal port to daprd unless one is given', () => {
    expect(line()).not.toContain('--dapr-internal-grpc-port');
    expect(line({ ports: { ...settings.ports, internalGrpc: 5 } })).toContain('--dapr-internal-grpc-port 5');
  });
});
