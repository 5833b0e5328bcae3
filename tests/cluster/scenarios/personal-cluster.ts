import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createPersonalCluster,
  programsIn,
  projectRoot,
  removePersonalCluster,
  runProgram,
  type PersonalClusterOptions,
} from '@unity-purchase/tools';
import { startRegistry } from '../../release/registry-server.js';
import { serviceFolder } from '../images/cluster-images.js';
import { memoryOf } from '../infrastructure/metrics-server.js';
import { addresses } from '../nodes/networks.js';
import { trustRegistry } from '../nodes/node-processes.js';
import type { RealCluster } from '../nodes/real-cluster.js';
import { copyManifests } from '../project-copy.js';
import { context, type Pair } from '../shop.js';
import { createVolumes, deleteVolumes } from '../volumes.js';

/** Helm waits for everything that a chart starts. */
const programTimeoutMs = 300_000;

/** `npm run cluster` on these nodes, with a registry that they pull its images from. */
export type PersonalRun = AsyncDisposable & {
  /** Resolves to the steps, with their durations, and to the memory that everything takes. */
  create: () => Promise<string>;
  /** Resolves to what is still the same. Rejects if any workload was changed or created again. */
  createAgain: () => Promise<string>;
  /** Rejects if anything is left. */
  remove: () => Promise<string>;
};

type Objects = { items: { metadata: { name: string } }[] };

type Workloads = {
  items: { metadata: { namespace: string; name: string; uid: string }; spec: { replicas?: number } }[];
};

/** Prepares a run in a cluster without the shop. `folder` has the images of the services; `volumes` are those of earlier servers. */
export async function preparePersonalRun(
  cluster: RealCluster,
  {
    folder,
    pair,
    servers,
    volumes,
  }: { folder: string; pair: Pair; servers: readonly string[]; volumes: readonly string[] },
): Promise<PersonalRun> {
  const { kubectl, client } = cluster.controlPlane;
  const root = await copyProject(join(folder, 'personal'), folder);
  await kubectl(['delete', 'namespaces', ...volumes, '--ignore-not-found', '--wait'], {
    timeoutMs: programTimeoutMs,
  });
  await deleteVolumes(cluster, volumes);
  await createVolumes(cluster, servers);
  const registry = await startRegistry(addresses.controlPlane);
  for (const node of cluster.nodes) await trustRegistry(node, registry.host);

  const said: string[] = [];
  const options: PersonalClusterOptions = {
    ...pair,
    root,
    context,
    registry: `${registry.host}/shop`,
    programs: {
      ...programsIn(root),
      show: async (program, args) => {
        await runProgram(program, args, { cwd: root, timeoutMs: programTimeoutMs });
      },
    },
    say: (line) => said.push(line),
  };
  const namespaces = async (): Promise<string[]> => {
    const selector = 'labelSelector=purchase-system%2Fpersonal%3Dtrue';
    return (await client.getJson<Objects>(`/api/v1/namespaces?${selector}`)).items.map(
      ({ metadata }) => metadata.name,
    );
  };
  /** Every workload with what it consists of. KEDA changes the number of replicas meanwhile. */
  const state = async (): Promise<string[]> => {
    const own = new Set(await namespaces());
    const lists = await Promise.all(
      ['/apis/apps/v1/deployments', '/apis/apps/v1/statefulsets'].map((path) =>
        client.getJson<Workloads>(path),
      ),
    );
    return lists
      .flatMap(({ items }) => items)
      .filter(({ metadata }) => own.has(metadata.namespace))
      .map(({ metadata: { namespace, name, uid }, spec: { replicas: _replicas, ...spec } }) =>
        JSON.stringify([`${namespace}/${name}`, uid, spec]),
      )
      .sort();
  };

  return {
    create: async () => {
      const startMs = performance.now();
      await using _forwards = await createPersonalCluster(options);
      const seconds = Math.round((performance.now() - startMs) / 1_000);
      const memoryMiB = Math.round(await memoryOf(cluster, await namespaces()));
      const first = said.find((line) => line.startsWith('The first purchase')) ?? '';
      return `${String(seconds)} s and ${String(memoryMiB)} MiB of memory: ${durationsOf(said, seconds).join('; ')}. ${first}`;
    },
    createAgain: async () => {
      const before = await state();
      await using _forwards = await createPersonalCluster(options);
      const after = await state();
      const changed = after.filter((line) => !before.includes(line));
      if (changed.length > 0) throw new Error(`changed: ${changed.join(', ').slice(0, 500)}`);
      return `the same ${String(after.length)} Deployments and StatefulSets`;
    },
    remove: async () => {
      await removePersonalCluster(options);
      const left = await namespaces();
      if (left.length > 0) throw new Error(`left: ${left.join(', ')}`);
      return 'none of its namespaces';
    },
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

/** A sentence about how long each step took, from the lines that begin them, which have the seconds since the start. */
function durationsOf(said: readonly string[], seconds: number): string[] {
  const steps = said.flatMap((line) => {
    const [, title, startedAt] = /^==> (.*) \((\d+) s\)$/.exec(line) ?? [];
    return title === undefined ? [] : [{ title, startedAt: Number(startedAt) }];
  });
  return steps.map(
    ({ title, startedAt }, index) =>
      `${title.charAt(0).toUpperCase()}${title.slice(1)}: ${String((steps[index + 1]?.startedAt ?? seconds) - startedAt)} s.`,
  );
}

/**
 * Copies what the command reads into a repository of its own, with the images that were built from this checkout. It takes them for
 * those of its commit, as in a second run.
 */
async function copyProject(root: string, folder: string): Promise<string> {
  await copyManifests(root);
  for (const file of ['package.json', '.gitignore']) await cp(join(projectRoot, file), join(root, file));
  const git = (...args: string[]) =>
    runProgram('git', ['-c', 'user.name=Operator', '-c', 'user.email=operator@shop.test', ...args], {
      cwd: root,
    });
  await git('init', '--quiet');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'feat: the shop');
  const revision = (await git('rev-parse', 'HEAD')).trim();
  const list = join(root, '.data', 'cluster', 'images.json');
  const images = JSON.parse(await readFile(join(folder, serviceFolder, 'images.json'), 'utf8')) as object[];
  await mkdir(join(root, '.data', 'cluster'), { recursive: true });
  await writeFile(list, JSON.stringify(images.map((image) => ({ ...image, revision }))));
  return root;
}
