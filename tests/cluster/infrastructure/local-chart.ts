import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { obtainKubernetesProgram, runProgram } from '@unity-purchase/tools';
import { stringify } from 'yaml';
import { manifestsIn, type Manifest } from '../../kubernetes/rendering/render.js';

/** Renders a kustomization that is written into `folder`. */
export async function renderKustomization(folder: string, kustomization: object): Promise<Manifest[]> {
  await writeFile(join(folder, 'kustomization.yaml'), stringify(kustomization));
  return manifestsIn(await runProgram(await obtainKubernetesProgram('kubectl'), ['kustomize', folder]));
}

/**
 * Writes a chart of fixed objects, for the product's scripts to install instead of one whose repository cannot be reached. Definitions
 * are in their own folder, which Helm installs first and never deletes. Namespaces are those of the product. Resolves to its folder.
 */
export async function writeLocalChart(
  parent: string,
  name: string,
  objects: readonly Manifest[],
): Promise<string> {
  const chart = join(parent, 'charts', name);
  const templates = join(chart, 'templates');
  const crds = join(chart, 'crds');
  for (const folder of [templates, crds]) await mkdir(folder, { recursive: true });
  await writeFile(join(chart, 'Chart.yaml'), stringify({ apiVersion: 'v2', name, version: '1.0.0' }));
  const isDefinition = ({ kind }: Manifest): boolean => kind === 'CustomResourceDefinition';
  // As JSON, because Helm reads some plain texts of YAML as other values, such as `no`.
  const textOf = (all: readonly Manifest[]): string =>
    all.map((object) => JSON.stringify(object)).join('\n---\n');
  await writeFile(join(crds, 'all.yaml'), textOf(objects.filter(isDefinition).map(withoutDescriptions)));
  const others = objects.filter((object) => !isDefinition(object) && object.kind !== 'Namespace');
  // Descriptions and settings may have braces of their own.
  await writeFile(join(templates, 'all.yaml'), textOf(others).replaceAll('{{', '{{ "{{" }}'));
  return chart;
}

/** Helm keeps a chart in a Secret, which has a megabyte. Most of a definition describes its fields. */
function withoutDescriptions(object: Manifest): Manifest {
  return JSON.parse(
    JSON.stringify(object, (key, value: unknown) =>
      key === 'description' && typeof value === 'string' ? undefined : value,
    ),
  ) as Manifest;
}
