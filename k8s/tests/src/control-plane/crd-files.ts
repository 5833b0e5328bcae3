import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, versions } from '@unity-purchase/tools';

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
  const folder = typeof source === 'string' ? await moduleFolder(modules[source]) : source.folder;
  return (await readdir(folder))
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name));
}

/** Go's own cache has it, or gets it; outside any module, so that nothing here decides about its version. */
async function moduleFolder({
  module,
  version,
  folder,
}: (typeof modules)[keyof typeof modules]): Promise<string> {
  const answer = await runProgram('go', ['mod', 'download', '-json', `${module}@${version}`], {
    cwd: tmpdir(),
  });
  return join((JSON.parse(answer) as { Dir: string }).Dir, folder);
}
