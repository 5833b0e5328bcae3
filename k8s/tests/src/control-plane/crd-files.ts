import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { versions } from '@unity-purchase/tools';
import { moduleSource } from './module-source.js';

/** Go modules whose published source has definitions of resources, and where. */
const modules = {
  keda: { module: 'github.com/kedacore/keda/v2', version: `v${versions.keda}`, folder: 'config/crd/bases' },
  dapr: { module: 'github.com/dapr/dapr', version: `v${versions.daprd}`, folder: 'charts/dapr/crds' },
  'prometheus-operator': {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: `v${versions['prometheus-operator']}`,
    folder: 'example/prometheus-operator-crd',
  },
} as const;

/** Whose definitions are meant: one of these modules, or a folder of YAML files. */
export type CrdSource = keyof typeof modules | { folder: string };

/** The files of a source. Rejects when they cannot be had. */
export async function crdFilesOf(source: CrdSource): Promise<string[]> {
  const folder = typeof source === 'string' ? await folderIn(modules[source]) : source.folder;
  return (await readdir(folder))
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name));
}

async function folderIn({
  module,
  version,
  folder,
}: (typeof modules)[keyof typeof modules]): Promise<string> {
  return join(await moduleSource(module, version), folder);
}
