import { join } from 'node:path';
import {
  brokerServers,
  buyFirstPurchase,
  createSecrets,
  errorText,
  forwardPort,
  programsIn,
  provisionPlainBroker,
  storeServers,
} from '@unity-purchase/tools';
import { stringify } from 'yaml';
import { productNamespace } from '../kubernetes/network/parties.js';
import { networkPoliciesIn } from '../kubernetes/network/network-policy.js';
import { render } from '../kubernetes/rendering/render.js';
import { runScript } from '../kubernetes/scripts/run-script.js';
import { services } from './checks/sidecars.js';
import type { RealCluster } from './nodes/real-cluster.js';
import { chooseInOverlay, copyManifests } from './project-copy.js';
import { createVolumes } from './volumes.js';

/** The shop in the cluster, installed with the product's own scripts and overlays. Each step resolves to what was observed. */
export type Shop = {
  /** The copy of the manifests that it is installed from. */
  root: string;
  installDapr: () => Promise<string>;
  /** Applies the network policies, and nothing else of the shop. */
  applyPolicies: () => Promise<void>;
  startServers: () => Promise<string>;
  start: () => Promise<string>;
  buy: () => Promise<string>;
};

const overlay = 'ci';

/** The replicas of each service, one for each node. KEDA does not run here. */
const replicas = 2;

/** The name of the only context in the kubeconfig of a control plane. */
const context = 'local';

/** The definitions of objects in the overlay whose operators do not run here. */
const crds = ['keda', 'prometheus-operator'] as const;

/** Prepares the installation of the shop. `path` has the kubectl and helm of the scripts. */
export async function installShop(
  cluster: RealCluster,
  { folder, path, pair }: { folder: string; path: string; pair: { broker: string; store: string } },
): Promise<Shop> {
  const { controlPlane } = cluster;
  const root = await copyManifests(folder);
  await chooseInOverlay(root, overlay, pair);
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

  return {
    root,
    installDapr: async () => {
      const args = ['--only', 'namespaces,dapr', '--single-node', '--timeout', '4m'];
      const { code, output } = await runScript('install-infrastructure', args, {
        path,
        env: { KUBECONFIG: controlPlane.kubeconfig },
        folder: join(root, 'k8s', 'scripts'),
      });
      if (code !== 0) throw new Error(output.slice(-2_000));
      const pods = await kubectl('--namespace', 'dapr-system', 'get', 'pods', '--output', 'name');
      return pods.trim().split('\n').join(', ');
    },
    applyPolicies: async () => {
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
    startServers: async () => {
      const names = [brokerServers[pair.broker]?.name, storeServers[pair.store]?.name].filter(
        (name) => name !== undefined,
      );
      await createVolumes(cluster, names.length);
      for (const name of names) {
        await applyFolder(join('plain-servers', name));
        await rollout(name, `statefulset/${name}`).catch(async (error: unknown) => {
          throw new Error(`${errorText(error)}\n${await pods(kubectl, name)}`, { cause: error });
        });
      }
      await provisionPlainBroker(programs.forward, { root, broker: pair.broker, context });
      return `${names.join(' and ')} are ready`;
    },
    start: async () => {
      await controlPlane.applyCrds(crds);
      await applyFolder(join('overlays', overlay));
      for (const service of services) {
        await kubectl(
          ...['--namespace', productNamespace, 'scale', `deployment/${service}`],
          `--replicas=${String(replicas)}`,
        );
        await rollout(productNamespace, `deployment/${service}`).catch(async (error: unknown) => {
          throw new Error(`${errorText(error)}\n${await pods(kubectl, productNamespace)}`, { cause: error });
        });
      }
      return `${services.join(' and ')} are ready`;
    },
    buy: async () => {
      await using forward = await forwardPort({
        context,
        namespace: productNamespace,
        what: 'service/storefront',
        port: 80,
      });
      const recordedMs = await buyFirstPurchase(`http://127.0.0.1:${String(forward.localPort)}`);
      return `recorded and in the history ${String(Math.round(recordedMs))} ms after it was accepted`;
    },
  };
}

async function pods(kubectl: (...args: string[]) => Promise<string>, namespace: string): Promise<string> {
  return kubectl('--namespace', namespace, 'get', 'pods', '--output', 'wide');
}
