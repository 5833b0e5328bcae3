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
import { imageServices, type ImageService } from './shipped-images.js';

/** A service with its sidecar, which share a network as in a pod. */
export type Pod = {
  service: Container;
  sidecar: Container;
  /** Where the service is reached from this machine. */
  url: string;
  /** From the start of the service's container until it said that it is ready. */
  readyAfterMs: number;
  /** Resolves when the service says that it is ready. */
  ready: () => Promise<void>;
};

/** Both services in containers on a network of their own, with a broker. Disposing of it ends and removes all of it. */
export type ContainerPair = AsyncDisposable & Readonly<Record<ImageService, Pod>>;

export type ContainerPairSettings = {
  root: string;
  /** The images, by service. */
  images: Readonly<Record<ImageService, string>>;
  /** What broker and sidecars run in: they are single programs, and bring nothing along. */
  bareImage: string;
  /** In addition to what the cluster sets. */
  env: Readonly<Partial<Record<ImageService, Readonly<Record<string, string>>>>>;
};

const startedWithinMs = 120_000;

/** As the image has it. */
const user = '65532:65532';

/** The ports of a sidecar in a pod: each pod has an address of its own. */
const sidecarPorts = { daprHttp: 3500, daprGrpc: 50_001, internalGrpc: 50_002, metrics: 9090 };

const natsPort = 4222;

/** Marks what an earlier run from the same checkout may have left behind. */
const label = (root: string): string => `unity-purchase.root=${root}`;

/** Ends and removes the containers and networks that runs from this checkout have made. */
export async function removeContainers(podman: Podman, root: string): Promise<void> {
  const filter = ['--filter', `label=${label(root)}`];
  const names = async (...list: string[]): Promise<string[]> =>
    (await podman.run([...list, ...filter])).split('\n').filter((name) => name !== '');
  const containers = await names('ps', '--all', '--quiet');
  if (containers.length > 0)
    await podman.run(['rm', '--force', '--depend', '--ignore', '--time', '0', ...containers]);
  for (const network of await names('network', 'ls', '--quiet')) await podman.run(['network', 'rm', network]);
}

/** Starts both services in containers and resolves when both are ready. */
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
    const marked = ['--label', label(root)];
    await podman.run(['network', 'create', ...marked, name]);
    const [brokerPort = 0, ...ports] = await findFreePorts(1 + imageServices.length);
    const resources = await prepareFiles(root, dataDir);
    await startBroker(podman, {
      name,
      dataDir,
      bareImage,
      port: brokerPort,
      options: [...marked, '--network', name],
    });
    const secrets = new Map<string, string>();
    const pods = new Map<ImageService, Pod>();
    for (const [index, service] of imageServices.entries()) {
      const deployment = await readDeployment(root, service);
      pods.set(
        service,
        await startPod(podman, {
          ...{ service, root, name: `${name}-${service}`, deployment, image: images[service], bareImage },
          ...{ dataDir, resources, network: name, options: marked, port: ports[index] ?? 0 },
          env: env[service] ?? {},
          secretOf: (secret) => {
            const value = secrets.get(secret) ?? randomBytes(24).toString('hex');
            secrets.set(secret, value);
            return value;
          },
        }),
      );
    }
    const podOf = (service: ImageService): Pod => {
      const pod = pods.get(service);
      if (pod === undefined) throw new Error(`${service} was not started`);
      return pod;
    };
    await Promise.all(imageServices.map((service) => podOf(service).ready()));
    return {
      storefront: podOf('storefront'),
      'purchase-service': podOf('purchase-service'),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

type Resources = { folders: string[]; configFile: string };

/**
 * Writes what sidecars and broker read into a folder that is found under the same path in their containers. The sidecars find each
 * other by a file in it, as on one machine: multicast is not passed on by every network of containers.
 */
async function prepareFiles(root: string, dataDir: string): Promise<Resources> {
  const folders = ['common', 'brokers/jetstream', 'stores/sqlite'].map((part) =>
    join(root, 'components', part),
  );
  const configFile = join(root, 'components/config.yaml');
  const natsURL = `nats://nats:${natsPort}`;
  const copies = await renderResources(folders, [configFile], {
    ...{ root, dataDir, serverPorts: {} },
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
    ...{ name: `${name}-nats`, image: bareImage, env: {} },
    options: [
      ...[...options, '--network-alias', 'nats', '--user', user],
      ...['--publish', `127.0.0.1:${port}:${natsPort}`],
      ...['--volume', `${dataDir}:${dataDir}`, '--volume', `${program}:/nats-server:ro`],
    ],
    // The network is between the containers alone.
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
  // Starts before the service, and holds the network.
  const sidecar = await startSidecar(podman, settings);
  const { path } = deployment.readiness;
  const ready = (): Promise<void> => waitUntil(() => answersWith(port, path, 200), startedWithinMs);
  const startedAt = performance.now();
  const service = await runContainer(podman, {
    ...{ name, image, memoryLimit: deployment.memoryLimit },
    options: [...options, '--network', `container:${sidecar.name}`],
    env: {
      ...deployment.env,
      ...Object.fromEntries(
        Object.entries(deployment.secretEnv).map(([variable, secret]) => [variable, secretOf(secret)]),
      ),
      // What Dapr's injector adds.
      DAPR_HTTP_PORT: String(sidecarPorts.daprHttp),
      DAPR_GRPC_PORT: String(sidecarPorts.daprGrpc),
      ...env,
    },
  });
  await ready();
  return {
    ...{ service, sidecar, ready },
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
  const sidecar = await runContainer(podman, {
    ...{ name: `${name}-sidecar`, image: bareImage, memoryLimit: deployment.sidecar.memoryLimit },
    options: [
      ...[...options, '--network', network, '--user', user],
      ...['--publish', `127.0.0.1:${port}:${deployment.readiness.port}`],
      ...['--volume', `${dataDir}:${dataDir}`, '--volume', `${daprd}:/daprd:ro`],
    ],
    env: { ...deployment.sidecar.env, ...(Object.fromEntries(tokens) as Record<string, string>) },
    command: {
      program: '/daprd',
      args: [
        ...daprdArguments({
          ...{ ...app, logLevel: 'info', ports: { ...sidecarPorts, app: deployment.appPort } },
          ...{ resourcesPaths: resources.folders, configFile: resources.configFile },
        }),
        // The other service's sidecar is in another container.
        ...['--dapr-internal-grpc-listen-address', '0.0.0.0'],
      ],
    },
  });
  return sidecar;
}
