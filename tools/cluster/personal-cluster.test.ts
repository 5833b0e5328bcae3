import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createCleanup } from '../local/cleanup.js';
import { runProgram } from '../programs/run-program.js';
import { projectRoot } from '../project-root.js';
import { createPersonalCluster, removePersonalCluster } from './personal-cluster.js';
import type { ForwardTarget } from './port-forward.js';
import type { Programs } from './programs.js';

const cleanup = createCleanup();
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'unity-purchase-cluster-'));
  await cp(join(projectRoot, 'k8s/overlays'), join(root, 'k8s/overlays'), { recursive: true });
  await mkdir(join(root, 'k8s/components/dev-secrets'), { recursive: true });
  await writeFile(join(root, 'k8s/components/dev-secrets/operator-token'), 'token-of-operators');
  await writeFile(join(root, 'package.json'), '{ "version": "1.2.3" }');
  await writeFile(join(root, '.gitignore'), '*');
  const git = (...args: string[]) => runProgram('git', args, { cwd: root });
  await git('init', '--quiet');
  await git(
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@b.example',
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    'a',
  );
  const revision = (await git('rev-parse', 'HEAD')).trim();
  const images = ['storefront', 'purchase-service'].map((service) => ({
    service,
    image: `ghcr.io/unity-purchase/${service}:1.2.3`,
    version: '1.2.3',
    revision,
    digest: `sha256:${service}`,
    archive: join(root, '.data/cluster', `${service}.tar`),
  }));
  await mkdir(join(root, '.data/cluster'), { recursive: true });
  for (const { archive } of images) await writeFile(archive, '');
  await writeFile(join(root, '.data/cluster/images.json'), JSON.stringify(images));
});

afterEach(async () => {
  await cleanup.run();
  await rm(root, { recursive: true });
});

/** A shop that accepts a purchase and shows it from the second look at the history on. */
async function startShop(): Promise<number> {
  let looks = 0;
  const answers: Record<string, () => [status: number, body: unknown, headers?: Record<string, string>]> = {
    'POST /sign-in': () => [303, '', { 'set-cookie': 'session=a; Path=/' }],
    'POST /api/purchases': () => [202, { purchaseId: purchase.purchaseId }],
    'GET /api/purchases': () => {
      looks += 1;
      const purchases = looks < 2 ? [] : [{ purchase, recordedAt: '2026-01-01T00:00:01.000Z' }];
      return [200, { purchases, totals: { count: purchases.length, sums: {} } }];
    },
  };
  const server = createServer((request, response) => {
    const [status, body, headers] = answers[`${request.method ?? ''} ${request.url ?? ''}`]?.() ?? [404, ''];
    request.resume();
    response.writeHead(status, headers).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add({
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  });
  return (server.address() as AddressInfo).port;
}

const purchase = {
  purchaseId: '01a20000-0000-7000-8000-000000000000',
  shopper: { id: 'first-shopper', name: 'First Shopper' },
  lines: [{ sku: 'green-tea', title: 'Green tea', quantity: 1, unitPrice: 1200 }],
  total: { amount: 1200, currency: 'EUR' },
  placedAt: '2026-01-01T00:00:00.000Z',
};

const node = {
  spec: {},
  status: {
    allocatable: { cpu: '8', memory: '16Gi', 'ephemeral-storage': '90Gi' },
    nodeInfo: { architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' },
  },
};

const namespace = (name: string, labels?: Record<string, string>) => ({ metadata: { name, labels } });
const own = { 'purchase-system/personal': 'true' };

type Recorded = {
  /** Part of the command that fails. */
  failing?: string;
  /** Answers by a part of the command that asks. */
  answers?: Readonly<Record<string, string>>;
};

/** Programs that record what they are asked to do. */
function recorder(shopPort: number, { failing = 'nothing', answers = {} }: Recorded = {}) {
  const commands: string[] = [];
  const forwards: string[] = [];
  const programs: Programs = {
    read: (program, args) => {
      const command = [program, ...args].join(' ');
      const [answer] =
        Object.entries(answers)
          .find(([part]) => command.includes(part))
          ?.slice(1) ?? [];
      if (answer !== undefined) return Promise.resolve(answer);
      if (command.includes('get namespaces'))
        return Promise.resolve(JSON.stringify({ items: [namespace('default')] }));
      if (command.includes('get nodes')) return Promise.resolve(JSON.stringify({ items: [node] }));
      if (command.includes('get pods')) return Promise.resolve('{ "items": [] }');
      return Promise.resolve(command.includes('grafana') ? 'of-grafana' : '');
    },
    show: (program, args) => {
      const command = [program, ...args].join(' ').replaceAll(root, 'ROOT');
      commands.push(command);
      return command.includes(failing)
        ? Promise.reject(new Error('it ended with code 1'))
        : Promise.resolve();
    },
    forward: ({ namespace, what, port, localPort }: ForwardTarget) => {
      forwards.push(`${namespace} ${what} ${port}`);
      // The usual port of Grafana is taken.
      if (localPort === 3000) return Promise.reject(new Error('taken'));
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      return Promise.resolve({
        localPort: what === 'service/storefront' ? shopPort : (localPort ?? 4321),
        ended,
        [Symbol.asyncDispose]: () => {
          forwards.push(`end of ${what}`);
          end();
          return Promise.resolve();
        },
      });
    },
  };
  return { programs, commands, forwards };
}

const choice = { context: 'kind-shop', broker: 'redis', store: 'redis' };

describe('a cluster of your own', () => {
  test('gets everything in order, buys something, and tells the addresses', async () => {
    const port = await startShop();
    const { programs, commands, forwards } = recorder(port);
    const said: string[] = [];
    const cluster = await createPersonalCluster({
      ...choice,
      root,
      programs,
      say: (line) => said.push(line),
    });
    const apply =
      'kubectl --context kind-shop apply --server-side --force-conflicts --field-manager=cluster --kustomize';
    const rollout = (namespace: string, what: string) =>
      `kubectl --context kind-shop --namespace ${namespace} rollout status ${what} --timeout 15m`;
    expect(commands).toEqual([
      'kind load image-archive ROOT/.data/cluster/storefront.tar --name shop',
      'kind load image-archive ROOT/.data/cluster/purchase-service.tar --name shop',
      `${apply} ROOT/k8s/plain-servers/namespaces`,
      'bash ROOT/k8s/scripts/install-infrastructure.sh --single-node --only kube-prometheus-stack,dapr,keda --context kind-shop --timeout 15m',
      'bash ROOT/k8s/components/dev-secrets/make-secrets.sh',
      // One Redis is both.
      `${apply} ROOT/k8s/plain-servers/redis`,
      rollout('redis', 'statefulset/redis'),
      `${apply} ROOT/k8s/plain-servers/jaeger`,
      rollout('monitoring', 'deployment/jaeger'),
      // Redis has none, and Kafka's must not stay.
      'kubectl --context kind-shop --namespace purchase-system delete configmap broker --ignore-not-found',
      `${apply} ROOT/k8s/overlays/chosen`,
      rollout('purchase-system', 'deployment/storefront'),
      rollout('purchase-system', 'deployment/purchase-service'),
    ]);
    expect(cluster.lines).toEqual([
      `Shop:    http://127.0.0.1:${port}`,
      `Desk:    http://127.0.0.1:${port}/operators, token token-of-operators`,
      'Grafana: http://127.0.0.1:4321, user admin, password of-grafana',
      'Traces:  http://127.0.0.1:16686',
    ]);
    expect(said.join('\n')).toMatch(
      /This needs 2.5 CPU cores, 6 GiB of memory, 20 GiB of disk[^]*The first purchase was recorded \d+ ms after/,
    );
    expect(await readFile(join(root, 'k8s/overlays/chosen/kustomization.yaml'), 'utf8')).toContain(
      'components/broker-redis',
    );
    await cluster[Symbol.asyncDispose]();
    expect(forwards.slice(-3)).toEqual([
      'end of service/storefront',
      'end of service/kube-prometheus-stack-grafana',
      'end of service/jaeger',
    ]);
  });

  test('says which step failed and where to look, and runs no later one', async () => {
    const { programs, commands } = recorder(0, { failing: 'plain-servers/redis' });
    const creating = createPersonalCluster({ ...choice, root, programs, say: () => undefined });
    await expect(creating).rejects.toThrow(
      'FAILED: start redis\nit ended with code 1\nLook at: kubectl --context kind-shop --namespace redis get pods,events,pvc',
    );
    expect(commands.at(-1)).toContain('plain-servers/redis');
  });

  test('forwards nothing any more when the shop refuses the purchase', async () => {
    const { programs, forwards } = recorder(1);
    await expect(createPersonalCluster({ ...choice, root, programs, say: () => undefined })).rejects.toThrow(
      'FAILED: buy something',
    );
    expect(forwards.filter((line) => line.startsWith('end of'))).toHaveLength(3);
  });

  test('must be able to get images', async () => {
    const { programs, commands } = recorder(0);
    const creating = createPersonalCluster({
      ...choice,
      context: 'elsewhere',
      root,
      programs,
      say: () => undefined,
    });
    await expect(creating).rejects.toThrow('Name a registry that it pulls from: --registry HOST/PATH.');
    expect(commands).toEqual([]);
  });

  test('leaves a cluster alone in which something else has one of its namespaces', async () => {
    const answers = {
      'get namespaces': JSON.stringify({ items: [namespace('keda'), namespace('redis', own)] }),
    };
    const refusal =
      'This command did not create the namespaces keda of kind-shop, so it leaves this cluster alone.';
    for (const work of [createPersonalCluster, removePersonalCluster]) {
      const { programs, commands } = recorder(0, { answers });
      await expect(work({ ...choice, root, programs, say: () => undefined })).rejects.toThrow(refusal);
      expect(commands).toEqual([]);
    }
  });

  test('refuses the secrets of another checkout', async () => {
    const { programs, commands } = recorder(0, { answers: { 'get secret operator-token': 'another' } });
    const creating = createPersonalCluster({ ...choice, root, programs, say: () => undefined });
    await expect(creating).rejects.toThrow('The cluster has the secrets of another checkout.');
    expect(commands.at(-1)).toContain('make-secrets.sh');
  });

  test('removes a release whose installation was interrupted, because Helm refuses to continue it', async () => {
    const { programs, commands } = recorder(1, {
      answers: { 'helm list --kube-context kind-shop --namespace keda': 'keda\n' },
    });
    await expect(
      createPersonalCluster({ ...choice, root, programs, say: () => undefined }),
    ).rejects.toThrow();
    const uninstalled = commands.indexOf(
      'helm uninstall keda --kube-context kind-shop --namespace keda --wait',
    );
    expect(uninstalled).toBeGreaterThan(0);
    expect(commands[uninstalled + 1]).toContain('install-infrastructure.sh');
  });

  test('is removed with its data: first the servers, whose volumes would stay while they are in use', async () => {
    const there = ['default', 'purchase-system', 'keda', 'kafka', 'mongodb'].map((name) =>
      namespace(name, own),
    );
    const { programs, commands } = recorder(0, {
      answers: { 'get namespaces': JSON.stringify({ items: there }) },
    });
    await removePersonalCluster({ context: 'kind-shop', root, programs, say: () => undefined });
    expect(commands).toEqual([
      'kubectl --context kind-shop delete namespaces kafka mongodb --wait',
      'bash ROOT/k8s/scripts/uninstall-infrastructure.sh --yes --purge --only namespaces,kube-prometheus-stack,dapr,keda --context kind-shop',
    ]);
  });

  test.each([{ kind: true }, { context: 'kind-purchase-system' }])(
    'is removed as a whole if kind created it: %j',
    async (target) => {
      const { programs, commands } = recorder(0);
      await removePersonalCluster({ ...target, root, programs, say: () => undefined });
      expect(commands).toEqual(['kind delete cluster --name purchase-system']);
    },
  );
});
