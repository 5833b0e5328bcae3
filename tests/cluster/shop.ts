import { join } from 'node:path';
import {
  brokerServers,
  createSecrets,
  errorText,
  programsIn,
  provisionPlainBroker,
  storeServers,
  waitUntil,
} from '@unity-purchase/tools';
import { stringify } from 'yaml';
import { productNamespace } from '../kubernetes/network/parties.js';
import { networkPoliciesIn } from '../kubernetes/network/network-policy.js';
import { render } from '../kubernetes/rendering/render.js';
import { runScript, type ScriptName } from '../kubernetes/scripts/run-script.js';
import { services } from './checks/sidecars.js';
import type { RealCluster } from './nodes/real-cluster.js';
import { gateway } from './gateway.js';
import { admitGateway, chooseInOverlay, copyManifests } from './project-copy.js';
import { createVolumes } from './volumes.js';

/** A broker and a store, by the names of their folders. */
export type Pair = { broker: string; store: string };

/** The shop in the cluster, installed with the product's own scripts and overlays. Each step resolves to what was observed. */
export type Shop = {
  /** The copy of the manifests that it is installed from. */
  root: string;
  /** Installs pieces of the infrastructure. */
  install: (...pieces: string[]) => Promise<void>;
  /** Runs a script of k8s/scripts. Resolves to its output, and rejects with the end of it. */
  runScript: (name: ScriptName, ...args: string[]) => Promise<string>;
  /** Applies the network policies, and nothing else of the shop. */
  applyPolicies: (pair: Pair) => Promise<void>;
  /** Starts the plain servers of a pair, and creates the topics. */
  startServers: (pair: Pair) => Promise<string>;
  /** Applies the overlay with a pair, and waits for two pods of each service. */
  start: (pair: Pair) => Promise<string>;
  /** Applies the overlay with another pair. */
  change: (pair: Pair) => Promise<void>;
  /** Ends the pod of a plain server, and starts it again with its data. */
  stopServer: (name: string) => Promise<void>;
  startServer: (name: string) => Promise<void>;
};

const overlay = 'ci';

/** The fewest that KEDA keeps of each service. */
const replicas = 2;

const readyWithinMs = 120_000;

/** The name of the only context in the kubeconfig of a control plane. */
export const context = 'local';

/** Copies the manifests, with an overlay that admits the gateway. Resolves to the copy. */
export async function copyShop(folder: string): Promise<string> {
  const root = join(folder, 'project');
  await copyManifests(root);
  await admitGateway(root, overlay, gateway.component);
  return root;
}

/** Prepares the installation of a copy. `path` has the kubectl and helm of the scripts. */
export async function installShop(
  cluster: RealCluster,
  { root, path }: { root: string; path: string },
): Promise<Shop> {
  const { controlPlane } = cluster;
  // The product's commands use the programs and the cluster of the environment.
  process.env['PATH'] = `${path}:${process.env['PATH'] ?? ''}`;
  process.env['KUBECONFIG'] = controlPlane.kubeconfig;
  const programs = programsIn(root);
  await createSecrets(programs, context, root);
  const kubectl = (...args: string[]) => programs.read('kubectl', ['--context', context, ...args]);
  const applyFolder = (name: string) =>
    kubectl('apply', '--server-side', '--force-conflicts', '--kustomize', join(root, 'k8s', name));
  const rollout = (namespace: string, what: string) =>
    kubectl('--namespace', namespace, 'rollout', 'status', what, '--timeout=4m');

  const runInCopy: Shop['runScript'] = async (name, ...args) => {
    const { code, output } = await runScript(name, args, {
      path,
      env: { KUBECONFIG: controlPlane.kubeconfig },
      folder: join(root, 'k8s', 'scripts'),
    });
    if (code !== 0) throw new Error(output.slice(-2_000));
    return output;
  };
  const change = async (pair: Pair): Promise<void> => {
    await chooseInOverlay(root, overlay, pair);
    await applyFolder(join('overlays', overlay));
  };
  const scaleServer = async (name: string, count: number): Promise<void> => {
    await kubectl('--namespace', name, 'scale', `statefulset/${name}`, `--replicas=${String(count)}`);
    await rollout(name, `statefulset/${name}`);
  };

  return {
    root,
    stopServer: (name) => scaleServer(name, 0),
    startServer: (name) => scaleServer(name, 1),
    change,
    runScript: runInCopy,
    install: async (...pieces) => {
      await runInCopy('install-infrastructure', '--only', pieces.join(), '--single-node', '--timeout', '4m');
    },
    applyPolicies: async (pair) => {
      await chooseInOverlay(root, overlay, pair);
      await controlPlane.apply(
        `{ apiVersion: v1, kind: Namespace, metadata: { name: ${productNamespace} } }`,
      );
      const objects = await render(join(root, 'k8s', 'overlays', overlay));
      const names = new Set(networkPoliciesIn(objects).map(({ metadata }) => metadata.name));
      const policies = objects.filter(
        ({ kind, metadata }) => kind === 'NetworkPolicy' && names.has(metadata.name),
      );
      await controlPlane.apply(policies.map((policy) => stringify(policy)).join('---\n'));
    },
    startServers: async (pair) => {
      const names = serversOf(pair);
      await createVolumes(cluster, names);
      for (const name of names) {
        await applyFolder(join('plain-servers', name));
        await rollout(name, `statefulset/${name}`).catch(async (error: unknown) => {
          throw new Error(`${errorText(error)}\n${await pods(kubectl, name)}`, { cause: error });
        });
      }
      await provisionPlainBroker(programs.forward, { root, broker: pair.broker, context });
      return `${names.join(' and ')} are ready`;
    },
    start: async (pair) => {
      await change(pair);
      for (const service of services) {
        await rollout(productNamespace, `deployment/${service}`).catch(async (error: unknown) => {
          throw new Error(`${errorText(error)}\n${await pods(kubectl, productNamespace)}`, { cause: error });
        });
        // The first is there before KEDA has asked for the second.
        await waitUntil(async () => {
          const ready = await kubectl(
            ...['--namespace', productNamespace, 'get', 'deployment', service, '--output'],
            'jsonpath={.status.readyReplicas}',
          );
          return Number(ready) >= replicas || `${ready} pods of the ${service} are ready`;
        }, readyWithinMs);
      }
      return `${services.join(' and ')} are ready`;
    },
  };
}

/** The plain server of a store. */
export function storeServerOf({ store }: Pair): string {
  return storeServers[store]?.name ?? store;
}

/** The plain servers of a pair. */
export function serversOf(pair: Pair): string[] {
  return [brokerServers[pair.broker]?.name ?? pair.broker, storeServerOf(pair)];
}

async function pods(kubectl: (...args: string[]) => Promise<string>, namespace: string): Promise<string> {
  return kubectl('--namespace', namespace, 'get', 'pods', '--output', 'wide');
}
