import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buyFirstPurchase, errorText, runInterruptibly, runProgram } from '@unity-purchase/tools';
import { productNamespace } from '../kubernetes/network/parties.js';
import { placeRealPrograms } from '../kubernetes/scripts/real-programs.js';
import { startAccessTable } from './checks/access-table.js';
import { buyInBrowser } from './checks/browser.js';
import { withoutScopes } from './checks/faults.js';
import {
  services,
  sidecarsAreInjected,
  sidecarsUseCertificates,
  thirdAppIsRefused,
} from './checks/sidecars.js';
import { gateway, startGateway } from './gateway.js';
import { allAtOnce, fixedReplicas, withCommit } from './gitops/faults.js';
import { applyApplications, leavesReplicasToKeda, revertsManualChange } from './gitops/follow.js';
import { readsEventsOfTheOther, rollOutUnderLoad, type ReleaseTarget } from './gitops/release.js';
import { serveRepository, type ProjectRepository } from './gitops/repository.js';
import { daprVersion, type ClusterImages } from './images/cluster-images.js';
import { argocdChart } from './infrastructure/argocd.js';
import { kedaChart } from './infrastructure/keda.js';
import { startMetricsServer } from './infrastructure/metrics-server.js';
import { prometheusChart } from './infrastructure/prometheus.js';
import { startDomainNames } from './nodes/domain-names.js';
import { startRealCluster, type RealCluster } from './nodes/real-cluster.js';
import { writePage } from './page.js';
import { createPromises, type Observation, type Promises } from './promises.js';
import { podsComeAndGo, scaledByRequests, useSmallScale, withoutMetric } from './scenarios/autoscaling.js';
import { changeBrokerAndStore, changeWithoutEmptying } from './scenarios/change-broker.js';
import { preparePersonalRun } from './scenarios/personal-cluster.js';
import { loss, survives, troubles } from './scenarios/troubles.js';
import { leavesNothing } from './scenarios/uninstall.js';
import { copyShop, installShop, serversOf, storeServerOf, type Shop } from './shop.js';

/** What the overlay has, and what it is changed to. */
const pairs = {
  first: { broker: 'kafka', store: 'mongodb' },
  second: { broker: 'rabbitmq', store: 'postgresql' },
} as const;

/** The look at Argo CD's Application while KEDA changes replicas. */
const watchForMs = 600_000;

/** Until a fault shows, which KEDA's next change of replicas brings out. */
const faultForMs = 180_000;

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});

// Pending work would keep the process alive. Its end ends everything in its namespaces.
process.exit(await runInterruptibly(() => positionals[0] ?? '', main));

async function main(folder: string): Promise<void> {
  const startedAt = new Date();
  await hideFolders();
  const images = JSON.parse(await readFile(join(folder, 'images.json'), 'utf8')) as ClusterImages;
  const path = await placeRealPrograms(folder, {
    daprVersion: await daprVersion(),
    charts: {
      keda: await kedaChart(folder),
      'kube-prometheus-stack': await prometheusChart(folder),
      'argo-cd': await argocdChart(folder),
    },
    hasRepository: true,
  });
  const promises = createPromises(printObservation);
  let abortReason: string | undefined;
  try {
    await keepPromises(promises, { folder, images, path });
  } catch (error) {
    abortReason = errorText(error);
  }
  if (!values.quick) await writePage({ startedAt, observations: promises.observations, abortReason, pairs });
  const broken = promises.observations.filter(({ isKept }) => !isKept).length;
  if (abortReason !== undefined) throw new Error(`ended early: ${abortReason}`);
  if (broken > 0)
    throw new Error(`${String(broken)} of ${String(promises.observations.length)} promises are broken`);
}

/** Folders of the machine that nodes write to are empty here, and nothing written to them is left. */
async function hideFolders(): Promise<void> {
  for (const folder of ['/run', '/var/log', '/var/lib/cni']) {
    await mkdir(folder, { recursive: true });
    await runProgram('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
  }
}

async function keepPromises(
  promises: Promises,
  { folder, images, path }: { folder: string; images: ClusterImages; path: string },
): Promise<void> {
  let started: RealCluster | undefined;
  await promises.require('Two nodes are ready, with the names of Services', async () => {
    started = await startRealCluster(folder, images.archives, logTo(folder));
    await startDomainNames(started.controlPlane);
    return started.nodes.map(({ name, address }) => `${name} at ${address}`).join(', ');
  });
  if (started === undefined) throw new Error('there is no cluster');
  const cluster = started;
  const shop = await installShop(cluster, { root: await copyShop(folder), path });
  if (!values.quick) await followConnections(promises, cluster, shop);
  const address = await followInstallation(promises, cluster, shop);
  if (!values.quick) await followScenarios(promises, cluster, { shop, address });
  await followArgocd(promises, cluster, { shop, folder, images, path, address });
  if (values.quick) return;
  await promises.expect('Uninstalling leaves nothing but the volumes', () => leavesNothing(cluster, shop));
  await followPersonalCluster(promises, cluster, folder);
}

async function followConnections(promises: Promises, cluster: RealCluster, shop: Shop): Promise<void> {
  // Before anything else runs: a pod with the labels of Dapr's would be taken for one.
  await promises.expect('Exactly the connections of the access table work', async () => {
    await shop.applyPolicies(pairs.first);
    await using table = await startAccessTable(cluster.controlPlane, [
      `broker-${pairs.first.broker}`,
      `store-${pairs.first.store}`,
      gateway.component,
    ]);
    const held = await table.holds();
    const policy = 'default-deny';
    await cluster.controlPlane.kubectl(['--namespace', productNamespace, 'delete', 'networkpolicy', policy]);
    const opened = await table.opens();
    await shop.applyPolicies(pairs.first);
    return `${held}; without the policy ${policy} ${String(opened.length)} more, such as ${opened[0] ?? ''}`;
  });
}

/** Resolves to the address of the shop. */
async function followInstallation(promises: Promises, cluster: RealCluster, shop: Shop): Promise<string> {
  let address = '';
  await promises.require('The installation script installs Dapr, KEDA and Prometheus', async () => {
    await cluster.controlPlane.applyCrds(['gateway-api']);
    const pieces = ['namespaces', 'kube-prometheus-stack', 'dapr', 'keda'];
    await shop.install(...pieces);
    return `${pieces.join(', ')} are ready`;
  });
  await promises.require('The plain servers start, and provisioning creates the topics', () =>
    shop.startServers(pairs.first),
  );
  await promises.require('The overlay ci starts both services, two pods each', () => shop.start(pairs.first));
  await promises.expect("Dapr's injector gives each pod a sidecar under `restricted`", () =>
    sidecarsAreInjected(cluster),
  );
  await promises.require('A purchase from outside is recorded, and visible in a browser', async () => {
    address = await startGateway(cluster);
    const recordedMs = await buyFirstPurchase(address);
    return `recorded and in the history ${String(Math.round(recordedMs))} ms after it was accepted; ${await buyInBrowser(address)}`;
  });
  await promises.expect('Sidecars know each other by certificates', () => sidecarsUseCertificates(cluster));
  const refusal = () => thirdAppIsRefused(cluster, shop.root);
  await promises.expect('A third app is refused', refusal);
  if (!values.quick) await promises.catches('every app may publish', () => withoutScopes(cluster, refusal));
  return address;
}

async function followScenarios(
  promises: Promises,
  cluster: RealCluster,
  { shop, address }: { shop: Shop; address: string },
): Promise<void> {
  const { first, second } = pairs;
  for (const service of services) await useSmallScale(cluster, service);
  await promises.expect('Requests and a backlog scale both services, and no purchase is lost', () =>
    podsComeAndGo(cluster, shop, { address, store: storeServerOf(first) }),
  );
  await promises.catches('KEDA asks for a metric that nothing has', () =>
    withoutMetric(cluster, () => scaledByRequests(cluster, address)),
  );
  for (const trouble of troubles)
    await promises.expect(`Nothing is lost when ${trouble.name}`, () =>
      survives(trouble, cluster, shop, { address }),
    );
  await promises.catches(`${loss.name} while shoppers buy`, () =>
    survives(loss, cluster, shop, { address, missingForMs: 20_000 }),
  );
  await promises.expect(`The change to ${second.broker} and ${second.store} loses nothing`, () =>
    changeBrokerAndStore(cluster, shop, { address, pair: second }),
  );
  await promises.catches(`a change back to ${first.broker} while events wait`, () =>
    changeWithoutEmptying(cluster, shop, { address, pair: second, other: first }),
  );
}

async function followArgocd(
  promises: Promises,
  cluster: RealCluster,
  {
    shop: { root, install },
    folder,
    images: { releases },
    path,
    address,
  }: { shop: Shop; folder: string; images: ClusterImages; path: string; address: string },
): Promise<void> {
  let repository: ProjectRepository | undefined;
  await promises.require('Argo CD takes over the shop, wave by wave', async () => {
    await install('argocd');
    repository = await serveRepository(cluster, folder);
    return applyApplications(cluster, repository, path);
  });
  if (repository === undefined) throw new Error('there is no repository');
  const followed = repository;
  if (!values.quick) {
    await promises.expect('Argo CD reverts a manual change', () => revertsManualChange(cluster));
    const watch = (forMs: number) => leavesReplicasToKeda(cluster, { address, root, watchForMs: forMs });
    await promises.expect('Argo CD leaves the replicas to KEDA', () => watch(watchForMs));
    await promises.catches('the manifest has a number of replicas', () =>
      withCommit(cluster, followed, { changes: fixedReplicas, path }, () => watch(faultForMs)),
    );
  }
  const target = (kind: ReleaseTarget['kind']): ReleaseTarget => ({
    release: kind === 'release' ? releases.next : releases.current,
    kind,
    address,
    root,
    path,
  });
  const release = () => rollOutUnderLoad(cluster, followed, target('release'));
  await promises.expect('A release under load loses nothing', release);
  if (values.quick) return;
  await promises.expect('Going back under load loses nothing', () =>
    rollOutUnderLoad(cluster, followed, target('rollback')),
  );
  for (const kind of ['release', 'rollback'] as const)
    await promises.expect(`After a ${kind}, events of the version before are read`, () =>
      readsEventsOfTheOther(cluster, followed, target(kind)),
    );
  await promises.catches('a release stops all storefronts at once', () =>
    withCommit(cluster, followed, { changes: allAtOnce, path }, release),
  );
}

/** The whole of `npm run cluster`, where nothing of the shop is left. */
async function followPersonalCluster(
  promises: Promises,
  cluster: RealCluster,
  folder: string,
): Promise<void> {
  const { first, second } = pairs;
  await startMetricsServer(cluster, folder);
  await using run = await preparePersonalRun(cluster, {
    folder,
    pair: first,
    servers: serversOf(first),
    volumes: [...serversOf(first), ...serversOf(second)],
  });
  await promises.require('`npm run cluster` goes from nothing to a recorded purchase', run.create);
  await promises.expect('`npm run cluster` changes nothing when it runs again', run.createAgain);
  await promises.expect('`npm run cluster -- --down` removes everything', run.remove);
}

function logTo(folder: string): (name: string, line: string) => void {
  const lines = createWriteStream(join(folder, 'cluster.log'));
  return (name, line) => {
    lines.write(`${name}: ${line}\n`);
  };
}

function printObservation({ promise, observed, seconds, isKept }: Observation): void {
  process.stdout.write(
    `${seconds.toFixed(0).padStart(5)} s  ${isKept ? 'kept  ' : 'BROKEN'}  ${promise}: ${observed}\n`,
  );
}
