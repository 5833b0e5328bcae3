import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInterruptibly, runProgram } from '@unity-purchase/tools';
import { productNamespace } from '../kubernetes/network/parties.js';
import { placeRealPrograms } from '../kubernetes/scripts/real-programs.js';
import { startAccessTable } from './checks/access-table.js';
import { sidecarsAreInjected, sidecarsUseCertificates, thirdAppIsRefused } from './checks/sidecars.js';
import type { ArchivedImage } from './images/archived-image.js';
import { daprVersion } from './images/cluster-images.js';
import { startDomainNames } from './nodes/domain-names.js';
import { startRealCluster, type RealCluster } from './nodes/real-cluster.js';
import { createPromises, type Observation, type Promises } from './promises.js';
import { installShop, type Shop } from './shop.js';
import { writePage } from './page.js';

/** The broker and the store, of which each is one program. */
const pair = { broker: 'jetstream', store: 'redis' };

// Pending work would keep the process alive. Its end ends everything in its namespaces.
process.exit(await runInterruptibly(() => process.argv[2] ?? '', main));

async function main(folder: string): Promise<void> {
  const startedAt = new Date();
  await hideFolders();
  const images = JSON.parse(await readFile(join(folder, 'images.json'), 'utf8')) as ArchivedImage[];
  const path = await placeRealPrograms(folder, { daprVersion: await daprVersion() });
  const promises = createPromises(printObservation);
  let abortReason: string | undefined;
  try {
    await keepPromises(promises, { folder, images, path });
  } catch (error) {
    abortReason = error instanceof Error ? error.message : String(error);
  }
  await writePage({ startedAt, observations: promises.observations, abortReason, pair });
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
  { folder, images, path }: { folder: string; images: readonly ArchivedImage[]; path: string },
): Promise<void> {
  let cluster: RealCluster | undefined;
  await promises.require('Two nodes are ready, with the names of Services', async () => {
    cluster = await startRealCluster(folder, images, logTo(folder));
    await startDomainNames(cluster.controlPlane);
    return cluster.nodes.map(({ name, address }) => `${name} at ${address}`).join(', ');
  });
  if (cluster === undefined) throw new Error('there is no cluster');
  await followShop(promises, cluster, await installShop(cluster, { folder, path, pair }));
}

async function followShop(promises: Promises, cluster: RealCluster, shop: Shop): Promise<void> {
  // Before anything else runs: a pod with the labels of Dapr's would be taken for one.
  await promises.expect('Exactly the connections of the access table work', async () => {
    await shop.applyPolicies();
    await using table = await startAccessTable(cluster.controlPlane, [
      `broker-${pair.broker}`,
      `store-${pair.store}`,
    ]);
    const held = await table.holds();
    const policy = 'default-deny';
    await cluster.controlPlane.kubectl(['--namespace', productNamespace, 'delete', 'networkpolicy', policy]);
    const opened = await table.opens();
    await shop.applyPolicies();
    return `${held}; without the policy ${policy} ${String(opened.length)} more, such as ${opened[0] ?? ''}`;
  });
  await promises.require(
    'The installation script creates the namespaces and installs Dapr',
    shop.installDapr,
  );
  await promises.require('The plain servers start, and provisioning creates the streams', shop.startServers);
  await promises.require('The overlay ci starts both services, two pods each', shop.start);
  await promises.expect("Dapr's injector gives each pod a sidecar under `restricted`", () =>
    sidecarsAreInjected(cluster),
  );
  await promises.expect('A purchase from outside is recorded', shop.buy);
  await promises.expect('Sidecars know each other by certificates', () => sidecarsUseCertificates(cluster));
  await promises.expect('A third app is refused', () => thirdAppIsRefused(cluster, shop.root));
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
