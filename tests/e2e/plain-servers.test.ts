import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { components } from '@unity-purchase/contracts';
import {
  brokerNamed,
  componentAtPort,
  componentsOf,
  createCleanup,
  findFreePorts,
  obtainKubernetesProgram,
  projectRoot,
  provisionBroker,
  runProgram,
  superviseProcess,
  waitUntil,
} from '@unity-purchase/tools';
import { parseAllDocuments } from 'yaml';

type Manifest = {
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  spec?: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
};

const readyWithinMs = 45_000;

const cleanup = createCleanup();
let folder: string;
let secrets: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unity-purchase-plain-'));
  await cp(join(projectRoot, 'k8s'), join(folder, 'k8s'), { recursive: true });
  secrets = join(folder, 'k8s/components/dev-secrets');
  await runProgram('bash', [join(secrets, 'make-secrets.sh')]);
});
afterEach(cleanup.run);
afterAll(() => rm(folder, { recursive: true }));

/** The objects of a plain server. */
async function manifestsOf(name: string): Promise<Manifest[]> {
  const kubectl = await obtainKubernetesProgram('kubectl');
  const text = await runProgram(kubectl, ['kustomize', join(folder, 'k8s/plain-servers', name)]);
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

function ofKind(objects: readonly Manifest[], kind: string): Manifest {
  const found = objects.find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`there is no ${kind}`);
  return found;
}

/** Starts a broker as its definition does, with another configuration file and environment. */
async function start(
  broker: string,
  ports: readonly number[],
  configure: (own: string) => Promise<{ file: string; text: string; env?: NodeJS.ProcessEnv }>,
): Promise<void> {
  const { server } = brokerNamed(broker);
  const own = join(folder, `data-${broker}`);
  const [first] = await server.processes({ folder: own, ports });
  if (first === undefined) throw new Error(`${broker} has no process`);
  const { file, text, env } = await configure(own);
  await writeFile(join(own, file), text);
  const running = superviseProcess(
    { ...first.spec, env: { ...first.spec.env, ...env } },
    { onLine: () => undefined, onFailure: () => undefined },
  );
  cleanup.add({
    [Symbol.asyncDispose]: async () => {
      await running.stop();
    },
  });
  await running.start();
  await waitUntil(async () => {
    const answer = await first.isReady();
    return answer === true || `${answer}; ${running.lines().slice(-5).join('; ')}`;
  }, readyWithinMs);
}

/** Provisions a broker at an address, as `npm run cluster` does. */
async function provision(broker: string, port: number, password: string): Promise<void> {
  const found = await componentsOf('broker', broker, projectRoot);
  expect(found.map(({ name }) => name)).toContain(components.pubsub);
  await provisionBroker(found.map((component) => componentAtPort(component, port, password)));
}

test('the plain Kafka serves clients that have a certificate, and provisioning from within its pod', async () => {
  const [clients = 0, local = 0, controller = 0] = await findFreePorts(3);
  const objects = await manifestsOf('kafka');
  const { data = {} } = ofKind(objects, 'Secret');
  for (const [name, value] of Object.entries(data))
    await writeFile(join(folder, name), Buffer.from(value, 'base64'));
  await start('kafka', [local, controller], (own) => {
    const { env = [] } = ofKind(objects, 'StatefulSet').spec?.template.spec.containers[0] ?? {};
    // As the image's own start script names them.
    const settings = env
      .filter(({ name }) => name !== 'KAFKA_HEAP_OPTS')
      .map(
        ({ name, value }) =>
          `${name.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.')}=${value ?? ''}`,
      )
      .join('\n')
      .replaceAll('/var/lib/kafka/data/log', join(own, 'data'))
      .replaceAll('/secrets', folder)
      .replaceAll('19092', String(local))
      .replaceAll('9093', String(clients))
      .replaceAll('9094', String(controller));
    return Promise.resolve({ file: 'server.properties', text: settings });
  });
  await provision('kafka', local, '');
  // Again, as another run of the command does.
  await provision('kafka', local, '');

  const file = (name: string) => readFile(join(secrets, name));
  const credentials = { key: await file('keda.key'), cert: await file('keda.crt') };
  expect(await ask(clients, { ca: await file('ca.crt'), ...credentials })).toBe('answered');
  expect(await ask(clients, { ca: await file('ca.crt') })).toMatch(/bad certificate|certificate required/i);
});

/** Asks a Kafka for the versions it speaks, over TLS. Resolves to `answered` or to why it refused. */
function ask(port: number, credentials: { ca: Buffer; key?: Buffer; cert?: Buffer }): Promise<string> {
  const request = Buffer.from('0000000a0012000000000001ffff', 'hex');
  return new Promise((resolve) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'kafka-kafka-bootstrap.kafka.svc',
      ...credentials,
    });
    const end = (result: string): void => {
      socket.destroy();
      resolve(result);
    };
    socket.on('secureConnect', () => socket.write(request));
    socket.on('data', () => {
      end('answered');
    });
    socket.on('error', (error: Error) => {
      end(error.message);
    });
    socket.on('close', () => {
      end('closed');
    });
  });
}

test('the plain NATS serves clients that have the password, and keeps what it acknowledged', async () => {
  const [port = 0, monitoring = 0] = await findFreePorts(2);
  const objects = await manifestsOf('nats');
  const password = Buffer.from(ofKind(objects, 'Secret').data?.['password'] ?? '', 'base64').toString();
  await start('jetstream', [port], (own) =>
    Promise.resolve({
      file: 'nats-server.conf',
      text: (ofKind(objects, 'ConfigMap').data?.['nats-server.conf'] ?? '')
        .replace('0.0.0.0:4222', `127.0.0.1:${port}`)
        .replace('0.0.0.0:8222', `127.0.0.1:${monitoring}`)
        .replace('/data', own),
      env: { NATS_PASSWORD: password },
    }),
  );
  await provision('jetstream', port, password);
  const streams = await fetch(`http://127.0.0.1:${monitoring}/jsz?acc=$G&streams=true`);
  expect(JSON.stringify(await streams.json())).toContain('"name":"purchase-events-dead-letters"');
  await expect(provision('jetstream', port, 'another')).rejects.toThrow(/authorization/i);
});
