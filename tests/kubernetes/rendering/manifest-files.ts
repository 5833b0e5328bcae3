import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifests, manifestsIn, type Manifest } from './render.js';

/** The objects in the plain manifests below a folder of `k8s/`, without chart values and kustomizations. */
export async function manifestsBelow(folder: string): Promise<Manifest[]> {
  const root = join(manifests, folder);
  const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.yaml'));
  const texts = await Promise.all(names.sort().map((name) => readFile(join(root, name), 'utf8')));
  return texts.flatMap(manifestsIn).filter(isClusterObject);
}

function isClusterObject(value: Partial<Manifest>): boolean {
  return (
    value.apiVersion !== undefined &&
    value.kind !== undefined &&
    value.metadata?.name !== undefined &&
    !value.apiVersion.startsWith('kustomize.config.k8s.io/')
  );
}
