import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureStreams } from '../local/brokers/jetstream/streams.js';
import { readRunFile } from '../local/run-file/read-run-file.js';
import { daprdArguments } from '../local/runner/daprd-arguments.js';
import { findFreePorts } from '../local/runner/free-ports.js';
import { answersWith } from '../local/runner/http-status.js';
import { renderResources } from '../local/runner/render-resources.js';
import { obtainTool } from '../programs/obtain.js';
import { runProgram } from '../programs/run-program.js';
import { ensureSecrets } from '../local/secrets.js';
import { natsServerConfig } from '../local/brokers/jetstream/server.js';
import { natsProbe } from '../local/brokers/jetstream/probe.js';
import { speaks } from '../local/servers/protocol-probe.js';
import { waitUntil } from '../local/wait-until.js';
import { runContainer, type Container } from './container.js';
import { readDeployment, type DeploymentSettings } from './deployment-settings.js';
import type { Podman } from './podman.js';
import type { ImageService } from './shipped-images.js';

/** A service and its sidecar, in containers that share a network as in a pod. */
export type Pod = {
  service: Container;
  sidecar: Container;
  /** The address of the service on this machine. */
  url: string;
  /** The time from the start of the service's container until the service was ready. */
  readyAfterMs: number;
  /** Resolves when the service is ready. */
  ready: () => Promise<void>;
};

/** Both services and a broker in containers, on their own network. Disposing of it stops and removes everything. */
export type ContainerPair = AsyncDisposable & Readonly<Record<ImageService, Pod>>;

export type ContainerPairSettings = {
  root: string;
  /** The images, by service. */
  images: Readonly<Record<ImageService, string>>;
  /** The image that the broker and the sidecars run in. It only has to provide C libraries. */
  bareImage: string;
  /** Environment variables in addition to those of the cluster. */
  env: Readonly<Partial<Record<ImageService, Readonly<Record<string, string>>>>>;
};

const startedWithinMs = 120_000;

/** The user of the images. */
const user = '65532:65532';

/** The ports of every sidecar. They do not collide because each pod has its own address. */
const sidecarPorts = { daprHttp: 3500, daprGrpc: 50_001, internalGrpc: 50_002, metrics: 9090 };

const natsPort = 4222;

/** The label of all containers and networks that are started from a checkout. */
function labelOf(root: string): string {
  return `unity-purchase.root=${root}`;
}

/** Stops and removes the containers and networks that this or an earlier run started from this checkout. */
export async function removeContainers(podman: Podman, root: string): Promise<void> {
  const filter = ['--filter', `label=${labelOf(root)}`];
  const list = async (...command: string[]): Promise<string[]> =>
    (await podman.run([...command, ...filter])).split('\n').filter((name) => name !== '');
  const containers = await list('ps', '--all', '--quiet');
  if (containers.length > 0)
    await podman.run(['rm', '--force', '--depend', '--ignore', '--time', '0', ...containers]);
  for (const network of await list('network', 'ls', '--quiet')) await podman.run(['network', 'rm', network]);
}

/** Starts both services in containers. Resolves when both are ready. */
export async function startContainerPair(
  podman: Podman,
  settings: ContainerPairSettings,
): Promise<ContainerPair> {
  const { root, images, bareImage, env } = settings;
  await removeContainers(podman, root);
  const dataDir = await mkdtemp(join(tmpdir(), 'unity-purchase-pair-'));
  const dispose = async (): Promise<void> => {
    await removeContainers(podman, root);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const name = `unity-purchase-${randomBytes(3).toString('hex')}`;
    const labelled = ['--label', labelOf(root)];
    await podman.run(['network', 'create', ...labelled, name]);
    const [brokerPort = 0, storefrontPort, purchaseServicePort] = await findFreePorts(3);
    const resources = await prepareFiles(root, dataDir);
    await startBroker(podman, {
      name,
      dataDir,
      bareImage,
      port: brokerPort,
      options: [...labelled, '--network', name],
    });
    const secretOf = createSecrets();
    const start = async (service: ImageService, port = 0): Promise<Pod> =>
      startPod(podman, {
        service,
        root,
        name: `${name}-${service}`,
        deployment: await readDeployment(root, service),
        image: images[service],
        bareImage,
        dataDir,
        resources,
        network: name,
        options: labelled,
        port,
        env: env[service] ?? {},
        secretOf,
      });
    const storefront = await start('storefront', storefrontPort);
    const purchaseService = await start('purchase-service', purchaseServicePort);
    await Promise.all([storefront.ready(), purchaseService.ready()]);
    return { storefront, 'purchase-service': purchaseService, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Returns a function that generates the value of each secret once. */
function createSecrets(): (name: string) => string {
  const values = new Map<string, string>();
  return (name) => {
    const value = values.get(name) ?? randomBytes(24).toString('hex');
    values.set(name, value);
    return value;
  };
}

type Resources = { folders: string[]; configFile: string };

/**
 * Writes the files of the sidecars and the broker into a folder with the same path in their containers. The sidecars find each
 * other through a file in it, because not every container network forwards multicast.
 */
async function prepareFiles(root: string, dataDir: string): Promise<Resources> {
  const folders = ['common', 'brokers/jetstream', 'stores/sqlite'].map((part) =>
    join(root, 'components', part),
  );
  const configFile = join(root, 'components/config.yaml');
  const natsURL = `nats://nats:${natsPort}`;
  const copies = await renderResources(folders, [configFile], {
    root,
    dataDir,
    serverPorts: {},
    overrides: { pubsub: { natsURL }, 'dead-letters': { natsURL } },
  });
  const copyOf = (path: string): string => copies.get(path) ?? path;
  await ensureSecrets(join(dataDir, 'secrets.json'));
  await writeFile(join(dataDir, 'nats-server.conf'), natsServerConfig(natsPort, join(dataDir, 'nats')));
  await runProgram('chown', ['--recursive', user, dataDir]);
  return { folders: folders.map(copyOf), configFile: copyOf(configFile) };
}

async function startBroker(
  podman: Podman,
  broker: { name: string; dataDir: string; bareImage: string; port: number; options: string[] },
): Promise<void> {
  const { name, dataDir, bareImage, port, options } = broker;
  const program = await obtainTool('nats-server');
  await runContainer(podman, {
    name: `${name}-nats`,
    image: bareImage,
    env: {},
    options: [
      ...options,
      '--network-alias=nats',
      `--user=${user}`,
      `--publish=127.0.0.1:${port}:${natsPort}`,
      `--volume=${dataDir}:${dataDir}`,
      `--volume=${program}:/nats-server:ro`,
    ],
    // Only the containers are on this network.
    command: {
      program: '/nats-server',
      args: ['--config', join(dataDir, 'nats-server.conf'), '--addr', '0.0.0.0'],
    },
  });
  await waitUntil(() => speaks(port, natsProbe), startedWithinMs);
  await ensureStreams(`nats://127.0.0.1:${port}`);
}

type PodSettings = {
  service: ImageService;
  root: string;
  name: string;
  deployment: DeploymentSettings;
  image: string;
  bareImage: string;
  dataDir: string;
  resources: Resources;
  network: string;
  options: readonly string[];
  port: number;
  env: Readonly<Record<string, string>>;
  secretOf: (name: string) => string;
};

async function startPod(podman: Podman, settings: PodSettings): Promise<Pod> {
  const { name, deployment, image, options, port, env, secretOf } = settings;
  // The sidecar starts first, because the service joins its network.
  const sidecar = await startSidecar(podman, settings);
  const { path } = deployment.readiness;
  const ready = (): Promise<void> => waitUntil(() => answersWith(port, path, 200), startedWithinMs);
  const startedAt = performance.now();
  const service = await runContainer(podman, {
    name,
    image,
    memoryLimit: deployment.memoryLimit,
    options: [...options, '--network', `container:${sidecar.name}`],
    env: {
      ...deployment.env,
      ...Object.fromEntries(
        Object.entries(deployment.secretEnv).map(([variable, secret]) => [variable, secretOf(secret)]),
      ),
      // The variables that Dapr's injector adds in a cluster.
      DAPR_HTTP_PORT: String(sidecarPorts.daprHttp),
      DAPR_GRPC_PORT: String(sidecarPorts.daprGrpc),
      ...env,
    },
  });
  await ready();
  return {
    service,
    sidecar,
    ready,
    url: `http://127.0.0.1:${port}`,
    readyAfterMs: performance.now() - startedAt,
  };
}

async function startSidecar(podman: Podman, settings: PodSettings): Promise<Container> {
  const { service, root, name, deployment, bareImage, dataDir, resources, network, options, port, secretOf } =
    settings;
  const daprd = await obtainTool('daprd');
  const app = (await readRunFile(join(root, 'dapr.yaml'))).apps.find(({ appId }) => appId === service);
  if (app === undefined) throw new Error(`dapr.yaml has no app ${service}`);
  const tokens = ['DAPR_API_TOKEN', 'APP_API_TOKEN'].flatMap((variable) => {
    const secret = deployment.secretEnv[variable];
    return secret === undefined ? [] : [[variable, secretOf(secret)]];
  });
  return runContainer(podman, {
    name: `${name}-sidecar`,
    image: bareImage,
    memoryLimit: deployment.sidecar.memoryLimit,
    options: [
      ...options,
      `--network=${network}`,
      `--user=${user}`,
      `--publish=127.0.0.1:${port}:${deployment.readiness.port}`,
      `--volume=${dataDir}:${dataDir}`,
      `--volume=${daprd}:/daprd:ro`,
    ],
    env: { ...deployment.sidecar.env, ...(Object.fromEntries(tokens) as Record<string, string>) },
    command: {
      program: '/daprd',
      args: [
        ...daprdArguments({
          ...app,
          logLevel: 'info',
          gracefulShutdownSeconds: deployment.sidecar.gracefulShutdownSeconds,
          ports: { ...sidecarPorts, app: deployment.appPort },
          resourcesPaths: resources.folders,
          configFile: resources.configFile,
        }),
        // So that the other service's sidecar, in another container, can connect.
        '--dapr-internal-grpc-listen-address',
        '0.0.0.0',
      ],
    },
  });
}
