import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { upstreamFolder } from '@unity-purchase/tools';
import { stringify } from 'yaml';
import { renderKustomization, writeLocalChart } from './local-chart.js';

/** KEDA's namespace, and its Deployments. */
export const keda = {
  namespace: 'keda',
  deployments: ['keda-operator', 'keda-metrics-apiserver', 'keda-admission'],
} as const;

/** What KEDA's chart gives its pods, and the manifests of its module do not. */
const labels = { 'app.kubernetes.io/name': 'keda-operator' };

/** Makes a chart of the manifests in KEDA's module. Resolves to its folder. */
export async function kedaChart(parent: string): Promise<string> {
  const folder = join(parent, 'keda');
  await mkdir(folder, { recursive: true });
  await cp(join(await upstreamFolder('keda'), 'config'), join(folder, 'config'), { recursive: true });
  const change = (path: string, value: unknown) => ({ op: 'add', path, value });
  const objects = await renderKustomization(folder, {
    resources: ['config/default'],
    patches: [
      {
        target: { kind: 'Deployment' },
        patch: stringify([change('/spec/template/spec/containers/0/imagePullPolicy', 'Never')]),
      },
      {
        target: { kind: 'Deployment', name: 'keda-operator' },
        patch: stringify(
          Object.entries(labels).map(([name, value]) =>
            change(`/spec/template/metadata/labels/${name.replaceAll('/', '~1')}`, value),
          ),
        ),
      },
    ],
  });
  return writeLocalChart(parent, 'keda', objects);
}
