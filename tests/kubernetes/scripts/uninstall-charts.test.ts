import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { obtainKubernetesProgram, runProgram, waitUntil } from '@unity-purchase/tools';
import { infrastructure } from '../infrastructure/pieces.js';
import { addNamespaceController } from './namespace-controller.js';
import { startRealCluster, type RealCluster } from './real-cluster.js';
import { clusterRole, definition, deployment, ifKnown, monitor, writeChart } from './small-charts.js';

/** Deleting a namespace takes seconds, and longer on a busy machine. */
const timeoutMs = 300_000;

/** Charts with what the real ones have: monitors, some only if their kind is known, definitions, and objects without a namespace. */
const templates = {
  keda: deployment('keda-operator') + clusterRole('keda-operator') + monitor('PodMonitor', 'keda-operator'),
  'external-secrets':
    deployment('external-secrets') +
    definition('secretstores', 'SecretStore', 'external-secrets.io') +
    ifKnown('monitoring.coreos.com/v1/ServiceMonitor', monitor('ServiceMonitor', 'external-secrets')),
  'argo-cd':
    deployment('argocd-server') +
    ifKnown('monitoring.coreos.com/v1', monitor('ServiceMonitor', 'argocd-server')),
};

let folder: string;
let charts: Record<string, string>;
let cluster: RealCluster;
let before: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unity-purchase-charts-'));
  charts = {};
  for (const [name, template] of Object.entries(templates))
    charts[name] = await writeChart(folder, name, template);
  cluster = await startRealCluster({ charts });
  await addNamespaceController(cluster.controlPlane);
  before = await objects();
}, timeoutMs);
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const objects = async (): Promise<string[]> => (await cluster.objectNames()).trim().split('\n');
const added = async (): Promise<string[]> => (await objects()).filter((name) => !before.includes(name));

const applyNamespaces = (): Promise<string> =>
  cluster.controlPlane.kubectl(['apply', '--server-side', '-k', join(infrastructure, 'namespaces')]);

const uninstall = () => cluster.run('uninstall-infrastructure', ['--yes', '--timeout', '60s']);

/** As Argo CD does it: rendered for what the cluster has, and applied. */
async function applyAsArgoCd(chart: string, namespace: string): Promise<void> {
  const rendered = await runProgram(await obtainKubernetesProgram('helm'), [
    ...['template', chart, charts[chart] ?? '', '--namespace', namespace],
    ...['--api-versions', 'monitoring.coreos.com/v1'],
    ...['--api-versions', 'monitoring.coreos.com/v1/ServiceMonitor'],
  ]);
  await cluster.controlPlane.kubectl(['apply', '--server-side', '--namespace', namespace, '-f', '-'], {
    input: rendered,
  });
}

test(
  'Helm uninstalls every release: also one whose installation failed, and one whose installation was interrupted',
  async () => {
    await applyNamespaces();
    const helm = await obtainKubernetesProgram('helm');
    const env = { ...process.env, KUBECONFIG: cluster.controlPlane.kubeconfig };
    const chart = await writeChart(folder, 'small', clusterRole('{{ .Release.Name }}') + deployment('small'));
    const install = (name: string, namespace: string, ...more: string[]): string[] => [
      ...['install', name, chart, '--namespace', namespace, ...more],
    ];
    await runProgram(helm, install('mongodb-operator', 'mongodb'), { env });
    await expect(
      runProgram(helm, install('strimzi', 'kafka', '--wait', '--timeout', '1s'), { env }),
    ).rejects.toThrow();
    const interrupted = spawn(helm, install('keda', 'keda', '--wait', '--timeout', '5m'), {
      env,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => interrupted.on('close', resolve));
    await waitUntil(
      async () => (await objects()).includes('ClusterRole keda') || 'no object of the release',
      60_000,
    );
    interrupted.kill('SIGKILL');
    await ended;
    const states = await cluster.controlPlane.kubectl([
      ...['get', 'secrets', '--all-namespaces', '--selector', 'owner=helm'],
      '--output=jsonpath={range .items[*]}{.metadata.labels.name}={.metadata.labels.status} {end}',
    ]);
    expect(states.trim().split(' ').sort()).toEqual([
      'keda=pending-install',
      'mongodb-operator=deployed',
      'strimzi=failed',
    ]);

    const { code, output } = await uninstall();

    for (const name of ['keda', 'mongodb-operator', 'strimzi'])
      expect(output).toContain(`release "${name}" uninstalled`);
    expect(code).toBe(0);
    expect(await added()).toEqual([]);
  },
  timeoutMs,
);

test(
  'removes the monitors that charts render only if Prometheus is there, and definitions only if others do not use them',
  async () => {
    await applyNamespaces();
    await cluster.controlPlane.applyCrds(['prometheus-operator']);
    for (const [chart, namespace] of [
      ['keda', 'keda'],
      ['external-secrets', 'external-secrets'],
      ['argo-cd', 'argocd'],
    ] as const)
      await applyAsArgoCd(chart, namespace);
    const store = 'SecretStore default/of-somebody-else';
    await cluster.controlPlane.kubectl(['wait', '--for=condition=Established', 'crd', '--all']);
    await cluster.controlPlane.apply(
      'apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata: { name: of-somebody-else, namespace: default }\n',
    );

    const { code, output } = await uninstall();

    expect(output).toContain('kept secretstores.external-secrets.io: objects of it exist');
    expect(code).toBe(0);
    expect(await added()).toEqual(['CustomResourceDefinition secretstores.external-secrets.io']);
    const stores = await cluster.controlPlane.kubectl([
      ...['get', 'secretstores.external-secrets.io', '--all-namespaces'],
      '--output=jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{end}',
    ]);
    expect(stores).toBe(store);
  },
  timeoutMs,
);

test(
  'another run completes although the definitions of the monitors are gone',
  async () => {
    await applyNamespaces();
    await cluster.controlPlane.applyCrds(['prometheus-operator']);
    await applyAsArgoCd('keda', 'keda');
    // Where the previous run ended.
    await cluster.controlPlane.kubectl(['delete', 'crd', 'podmonitors.monitoring.coreos.com']);
    await cluster.controlPlane.kubectl([
      'delete',
      'secretstores.external-secrets.io',
      '--all',
      '--namespace=default',
    ]);

    const { code, output } = await uninstall();

    expect(output).not.toContain('Warning:');
    expect(output).toContain('clusterrole.rbac.authorization.k8s.io "keda-operator" deleted');
    expect(code).toBe(0);
    expect(await added()).toEqual([]);
  },
  timeoutMs,
);
