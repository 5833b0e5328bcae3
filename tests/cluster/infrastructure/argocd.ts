import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goModuleFolder, versions } from '@unity-purchase/tools';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { manifests } from '../../kubernetes/rendering/render.js';
import { renderKustomization, writeLocalChart } from './local-chart.js';

export const argocd = { namespace: 'argocd' } as const;

/** The settings of Argo CD that the product installs: how healthy our Applications and their objects are. */
const valuesSchema = z.object({ configs: z.object({ cm: z.record(z.string(), z.string()) }) });

/**
 * Makes a chart of the manifests in Argo CD's module, without its user interface and with the product's settings. Resolves to its folder.
 */
export async function argocdChart(parent: string): Promise<string> {
  const folder = join(parent, 'argocd');
  await mkdir(folder, { recursive: true });
  const module = await goModuleFolder({
    module: 'github.com/argoproj/argo-cd/v3',
    version: `v${versions.argocd}`,
  });
  await cp(join(module, 'manifests'), join(folder, 'manifests'), { recursive: true });
  const values = valuesSchema.parse(
    parse(await readFile(join(manifests, 'infrastructure', 'argocd', 'values.yaml'), 'utf8')),
  );
  const containers = '/spec/template/spec/containers/0';
  const patch = (target: object, ...changes: object[]) => ({ target, patch: stringify(changes) });
  const noPulling = { op: 'replace', path: `${containers}/imagePullPolicy`, value: 'Never' };
  const objects = await renderKustomization(folder, {
    namespace: argocd.namespace,
    resources: ['manifests/core-install'],
    patches: [
      patch({ kind: 'Deployment' }, noPulling),
      patch({ kind: 'StatefulSet' }, noPulling),
      // No commit here is signed.
      patch(
        { kind: 'Deployment', name: 'argocd-repo-server' },
        { op: 'add', path: `${containers}/env/-`, value: { name: 'ARGOCD_GPG_ENABLED', value: 'false' } },
      ),
      patch({ kind: 'ConfigMap', name: 'argocd-cm' }, { op: 'add', path: '/data', value: values.configs.cm }),
    ],
  });
  return writeLocalChart(parent, 'argo-cd', objects);
}
