import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifests } from '../rendering/render.js';

/** The values of an installation that was configured, as its file and as the doctor reads them from the cluster. */
export const configured = (
  await readFile(join(manifests, 'installation/installation.env'), 'utf8')
).replaceAll('example.com', 'shop.test');

/** The lines `KEY=value` of a file of values, which are the data of the cluster's ConfigMap. */
export function valuesIn(installation: string): string {
  return installation.replaceAll(/^(#.*)?\n/gm, '');
}

/** Copies the scripts, with other values of the installation, into a folder. Resolves to the folder of the scripts. */
export async function scriptsWith(folder: string, installation: string): Promise<string> {
  const k8s = join(folder, 'k8s');
  for (const part of ['scripts', 'infrastructure/charts.yaml', 'argocd', 'installation'])
    await cp(join(manifests, part), join(k8s, part), { recursive: true });
  await mkdir(join(k8s, 'installation'), { recursive: true });
  await writeFile(join(k8s, 'installation/installation.env'), installation);
  return join(k8s, 'scripts');
}
