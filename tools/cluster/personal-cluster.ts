import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { currentPlatform } from '../programs/platform.js';
import { describeCapacity, needed, requireCapacity } from './capacity.js';
import { writeChosenOverlay } from './chosen-overlay.js';
import { buyFirstPurchase } from './first-purchase.js';
import { provideImages } from './images.js';
import { requireOwnNamespaces } from './own-namespaces.js';
import { brokerServers, storeServers, type NamedPlainServer } from './plain-servers.js';
import { keepForwarding, type PortForward } from './port-forward.js';
import { requirePrograms, type Programs } from './programs.js';
import { provisionPlainBroker } from './provision-plain-broker.js';
import { createSecrets, secretsFolder } from './secrets.js';
import { stepsOf } from './steps.js';
import { chooseContext, kindCluster, kindContext, requireAnswer, type TargetOptions } from './target.js';

export type ClusterOptions = TargetOptions & {
  root: string;
  programs: Programs;
  broker: string;
  store: string;
  registry?: string | undefined;
  say: (line: string) => void;
};

/** A running shop in a cluster, with ports of this machine that lead to it, until it is disposed of. */
export type PersonalCluster = AsyncDisposable & {
  /** What to print: addresses, and how to sign in. */
  lines: readonly string[];
  /** Resolves when a forwarded port no longer works. */
  ended: Promise<void>;
};

/** The charts that it needs, in k8s/infrastructure/charts.yaml, and their namespaces. */
const charts = { 'kube-prometheus-stack': 'monitoring', dapr: 'dapr-system', keda: 'keda' };

const services = ['storefront', 'purchase-service'];

const ownNamespaces = [
  'purchase-system',
  ...Object.values(charts),
  ...new Set([...Object.values(brokerServers), ...Object.values(storeServers)].map(({ name }) => name)),
];

/** Pulling every image over a slow line is what takes longest. */
const stepTimeout = '15m';

/**
 * Creates everything that the shop needs in a cluster of your own, the shop itself, and its first purchase. Running it again changes
 * only what differs. Rejects with the step that failed and where to look.
 */
export async function createPersonalCluster(options: ClusterOptions): Promise<PersonalCluster> {
  const { root, programs, broker, store, say } = options;
  const steps = stepsOf(say);
  const manifests = join(root, 'k8s');

  say(`This needs ${describeCapacity(needed)} in the cluster, and downloads about 3 GB.`);
  await steps.run('look for the programs', 'See k8s/README.md.', () =>
    requirePrograms(programs, {
      kubectl: ['version', '--client'],
      helm: ['version', '--short'],
      openssl: ['version'],
      ...(options.kind === true ? { kind: ['version'] } : {}),
    }),
  );
  const context = await steps.run('choose the cluster', 'See: kubectl config get-contexts', async () => {
    const chosen = await chooseContext(programs, options);
    await requireAnswer(programs, chosen);
    return chosen;
  });
  say(`The cluster is ${context}.`);
  const kubectl = (...args: string[]) => programs.show('kubectl', ['--context', context, ...args]);
  const apply = (folder: string) =>
    kubectl(
      ...['apply', '--server-side', '--force-conflicts', '--field-manager=cluster'],
      ...['--kustomize', join(manifests, folder)],
    );
  const rollout = (namespace: string, what: string) =>
    kubectl('--namespace', namespace, 'rollout', 'status', what, '--timeout', stepTimeout);
  const look = (namespace: string) =>
    `Look at: kubectl --context ${context} --namespace ${namespace} get pods,events,pvc`;

  await steps.run('see what is there', 'Choose another cluster.', async () => {
    await requireOwnNamespaces(programs, context, ownNamespaces);
    const free = await requireCapacity(programs, context, ownNamespaces);
    say(`It has ${describeCapacity(free)} to spare.`);
  });
  const images = await steps.run(
    'provide the images of both services',
    'The output above is that of the program that built or loaded them.',
    async () =>
      provideImages(programs, {
        root,
        folder: join(root, '.data', 'cluster'),
        context,
        platform: await foreignPlatform(programs, context),
        registry: options.registry,
      }),
  );
  await steps.run('create the namespaces', look('default'), () => apply('plain-servers/namespaces'));
  await steps.run(
    `install ${Object.keys(charts).join(', ')}`,
    'The script above names the piece that failed.',
    async () => {
      await removeInterruptedReleases(programs, context);
      await programs.show('bash', [
        join(manifests, 'scripts', 'install-infrastructure.sh'),
        ...[
          '--single-node',
          '--only',
          Object.keys(charts).join(','),
          '--context',
          context,
          '--timeout',
          stepTimeout,
        ],
      ]);
    },
  );
  await steps.run('create the secrets', 'The output above is that of openssl.', () =>
    createSecrets(programs, context, root),
  );
  for (const { name } of plainServersOf(broker, store))
    await steps.run(`start ${name}`, look(name), async () => {
      await apply(`plain-servers/${name}`);
      await rollout(name, `statefulset/${name}`);
    });
  await steps.run('start Jaeger', look('monitoring'), async () => {
    await apply('plain-servers/jaeger');
    await rollout('monitoring', 'deployment/jaeger');
  });
  await steps.run(`create the topics of ${broker}`, look(brokerServers[broker]?.name ?? broker), () =>
    provisionPlainBroker(programs.forward, { root, broker, context }),
  );
  await steps.run('start the shop', look('purchase-system'), async () => {
    const folder = await writeChosenOverlay(manifests, { broker, store, images });
    await removeOtherAddress(programs, context, folder);
    await apply('overlays/chosen');
    for (const service of services) await rollout('purchase-system', `deployment/${service}`);
  });
  const forwards = await steps.run('forward the ports', look('purchase-system'), () =>
    forwardAll(programs, context),
  );
  try {
    await steps.run(
      'buy something',
      `Look at: kubectl --context ${context} --namespace purchase-system logs deployment/storefront --all-containers`,
      async () => {
        const recordedMs = await buyFirstPurchase(addressOf(forwards.shop));
        say(`The first purchase was recorded ${Math.round(recordedMs)} ms after it was accepted.`);
      },
    );
    return await withAddresses(programs, context, root, forwards);
  } catch (error) {
    await closeAll(forwards);
    throw error;
  }
}

/**
 * Removes what `createPersonalCluster` created, with all data: the whole cluster if kind created it for this. Rejects if something
 * else created one of the namespaces.
 */
export async function removePersonalCluster(
  options: Pick<ClusterOptions, 'root' | 'programs' | 'say' | keyof TargetOptions>,
): Promise<void> {
  const { root, programs, say } = options;
  const steps = stepsOf(say);
  const context = await steps.run('choose the cluster', 'See: kubectl config get-contexts', async () => {
    // It must not be created to be removed.
    if (options.kind === true && options.context === undefined) return kindContext;
    return chooseContext(programs, options);
  });
  say(`The cluster is ${context}.`);
  if (context === kindContext) {
    await steps.run('delete the cluster', 'See: kind get clusters', () =>
      programs.show('kind', ['delete', 'cluster', '--name', kindCluster]),
    );
    return;
  }
  const kubectl = (...args: string[]) => programs.show('kubectl', ['--context', context, ...args]);
  const advice = `Look at: kubectl --context ${context} get namespaces`;
  const found = await steps.run('see what is there', 'Remove it by hand.', () =>
    requireOwnNamespaces(programs, context, ownNamespaces),
  );
  // Before the volumes: those in use would stay.
  const servers = found.filter(
    (name) => !['purchase-system', ...Object.values<string>(charts)].includes(name),
  );
  if (servers.length > 0)
    await steps.run('remove the servers', advice, () =>
      kubectl('delete', 'namespaces', ...servers, '--wait'),
    );
  await steps.run('remove the shop and the charts', advice, () =>
    programs.show('bash', [
      join(root, 'k8s', 'scripts', 'uninstall-infrastructure.sh'),
      ...[
        '--yes',
        '--purge',
        '--only',
        ['namespaces', ...Object.keys(charts)].join(','),
        '--context',
        context,
      ],
    ]),
  );
}

function plainServersOf(broker: string, store: string): NamedPlainServer[] {
  const found = [brokerServers[broker], storeServers[store]].filter((server) => server !== undefined);
  return [...new Map(found.map((server) => [server.name, server])).values()];
}

const architectureSchema = z.object({
  items: z.array(z.object({ status: z.object({ nodeInfo: z.object({ architecture: z.string() }) }) })),
});

/** The platform of the nodes, if it is not that of this machine. */
async function foreignPlatform({ read }: Programs, context: string): Promise<string | undefined> {
  const answer = await read('kubectl', ['--context', context, 'get', 'nodes', '--output', 'json']);
  const architecture = architectureSchema.parse(JSON.parse(answer)).items[0]?.status.nodeInfo.architecture;
  return architecture === undefined || architecture === currentPlatform().arch
    ? undefined
    : `linux/${architecture}`;
}

/** Helm refuses to upgrade a release whose installation was interrupted. */
async function removeInterruptedReleases({ read, show }: Programs, context: string): Promise<void> {
  for (const [name, namespace] of Object.entries(charts)) {
    const at = ['--kube-context', context, '--namespace', namespace];
    const pending = await read('helm', ['list', ...at, '--pending', '--short']);
    if (pending.split('\n').includes(name)) await show('helm', ['uninstall', name, ...at, '--wait']);
  }
}

/** Another broker may have left its address, at which the services would look for theirs. */
async function removeOtherAddress({ read, show }: Programs, context: string, overlay: string): Promise<void> {
  const rendered = await read('kubectl', ['kustomize', overlay]);
  if (!/^kind: ConfigMap\nmetadata:\n(?: .*\n)*? {2}name: broker$/m.test(rendered))
    await show('kubectl', [
      ...['--context', context, '--namespace', 'purchase-system'],
      ...['delete', 'configmap', 'broker', '--ignore-not-found'],
    ]);
}

type Forwards = { shop: PortForward; grafana: PortForward; traces: PortForward };

async function forwardAll({ forward }: Programs, context: string): Promise<Forwards> {
  const opened: PortForward[] = [];
  const open = async (
    namespace: string,
    what: string,
    port: number,
    localPort: number,
  ): Promise<PortForward> => {
    const target = { context, namespace, what, port };
    // Another program may have the usual port.
    const found = await keepForwarding({ ...target, localPort }, forward).catch(() =>
      keepForwarding(target, forward),
    );
    opened.push(found);
    return found;
  };
  try {
    return {
      shop: await open('purchase-system', 'service/storefront', 80, 8080),
      grafana: await open('monitoring', 'service/kube-prometheus-stack-grafana', 80, 3000),
      traces: await open('monitoring', 'service/jaeger', 16_686, 16_686),
    };
  } catch (error) {
    for (const each of opened) await each[Symbol.asyncDispose]();
    throw error;
  }
}

async function closeAll(forwards: Forwards): Promise<void> {
  for (const forward of Object.values(forwards)) await forward[Symbol.asyncDispose]();
}

async function withAddresses(
  { read }: Programs,
  context: string,
  root: string,
  forwards: Forwards,
): Promise<PersonalCluster> {
  const token = await readFile(join(secretsFolder(root), 'operator-token'), 'utf8');
  const password = await read('kubectl', [
    ...['--context', context, '--namespace', 'monitoring'],
    ...['get', 'secret', 'kube-prometheus-stack-grafana'],
    ...['--output', 'go-template={{index .data "admin-password" | base64decode}}'],
  ]);
  return {
    lines: [
      `Shop:    ${addressOf(forwards.shop)}`,
      `Desk:    ${addressOf(forwards.shop)}/operators, token ${token}`,
      `Grafana: ${addressOf(forwards.grafana)}, user admin, password ${password}`,
      `Traces:  ${addressOf(forwards.traces)}`,
    ],
    ended: Promise.race(Object.values(forwards).map(({ ended }) => ended)),
    [Symbol.asyncDispose]: () => closeAll(forwards),
  };
}

/** By number: `localhost` can also be another program at ::1. */
function addressOf({ localPort }: PortForward): string {
  return `http://127.0.0.1:${localPort}`;
}
