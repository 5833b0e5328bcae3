import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { obtainKubernetesProgram } from '@unity-purchase/tools';
import { daprChartFolder } from '../infrastructure/helm.js';

/**
 * Puts the pinned `kubectl` into the folder, a `helm` that has Dapr's chart and the given ones, by name, and does nothing for other
 * charts, whose repositories are not reachable. Unless the run has a repository, adds a `git` that reaches nothing. Resolves to the
 * folder for the PATH.
 */
export async function placeRealPrograms(
  folder: string,
  {
    daprVersion,
    charts = {},
    hasRepository = false,
  }: { daprVersion: string; charts?: Readonly<Record<string, string>>; hasRepository?: boolean },
): Promise<string> {
  const path = join(folder, 'programs');
  await mkdir(path, { recursive: true });
  await symlink(await obtainKubernetesProgram('kubectl'), join(path, 'kubectl'));
  const known = Object.entries({ dapr: await daprChartFolder(daprVersion), ...charts });
  const helm = join(path, 'helm');
  await writeFile(
    helm,
    [
      '#!/bin/bash',
      `declare -A charts=(${known.map(([name, at]) => `[${name}]='${at}'`).join(' ')})`,
      'words=()',
      'while [[ $# -gt 0 ]]; do',
      '  case $1 in',
      '    --repo) chart=${charts[${words[-1]}]:-}; [[ -n $chart ]] || exit 0; words[-1]=$chart; shift ;;',
      '    oci://*) exit 0 ;;',
      '    --version) shift ;;',
      '    *) words+=("$1") ;;',
      '  esac',
      '  shift',
      'done',
      `exec '${await obtainKubernetesProgram('helm')}' "\${words[@]}"`,
      '',
    ].join('\n'),
  );
  await chmod(helm, 0o755);
  if (!hasRepository) {
    const git = join(path, 'git');
    await writeFile(git, '#!/bin/bash\nexit 1\n');
    await chmod(git, 0o755);
  }
  return path;
}
