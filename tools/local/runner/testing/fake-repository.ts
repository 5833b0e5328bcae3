import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePorts } from '../free-ports.js';
import { temporaryFolder } from '../../../testing/temporary-folder.js';

const component = (name: string, type: string) =>
  [
    'apiVersion: dapr.io/v1alpha1',
    'kind: Component',
    `metadata: { name: ${name} }`,
    `spec: { type: ${type} }`,
  ].join('\n');

/**
 * A folder like this repository, with a run file for a fake storefront and a fake purchase-service, in-memory components and a
 * fake daprd. All its ports are free. Disposing of it deletes the folder.
 */
export async function fakeRepository() {
  const folder = await temporaryFolder();
  const ports = await findFreePorts(8);
  const app = (appId: string, [appPort, http, grpc, metrics]: readonly number[]) => ({
    appID: appId,
    appDirPath: './app',
    appPort,
    daprHTTPPort: http,
    daprGRPCPort: grpc,
    metricsPort: metrics,
    command: [process.execPath, 'fake-app.mjs'],
    env: { PORT: String(appPort) },
  });
  const runFile = {
    version: 1,
    common: {
      resourcesPaths: ['./components/brokers/any', './components/stores/any'],
      enableAppHealthCheck: true,
      appHealthCheckPath: '/health/ready',
    },
    apps: [app('purchase-service', ports.slice(0, 4)), app('storefront', ports.slice(4))],
  };
  const copy = async (from: string, to: string) =>
    folder.write(to, await readFile(join(import.meta.dirname, from), 'utf8'));
  await folder.write('dapr.yaml', JSON.stringify(runFile));
  await folder.write('components/brokers/memory/pubsub.yaml', component('pubsub', 'pubsub.in-memory'));
  await folder.write('components/stores/memory/statestore.yaml', component('statestore', 'state.in-memory'));
  await copy('fake-app.mjs', 'app/fake-app.mjs');
  const script = await copy('fake-daprd.mjs', 'fake-daprd.mjs');
  const daprdPath = await folder.write('daprd', `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  await chmod(daprdPath, 0o755);
  const lines: string[] = [];
  return {
    root: folder.path,
    ports,
    lines,
    options: {
      root: folder.path,
      broker: 'memory',
      store: 'memory',
      daprdPath,
      log: (line: string) => {
        lines.push(line.replace(/ +\|/, ' |'));
      },
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
