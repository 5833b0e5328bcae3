import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { obtainKubernetesProgram } from '@unity-purchase/tools';
import { daprChartFolder } from '../infrastructure/helm.js';

/**
 * Puts the pinned `kubectl` into the folder, a `helm` that works for Dapr's chart and for releases, and does nothing for other
 * charts, whose repositories are not reachable, and a `git` that reaches nothing. Resolves to the folder for the PATH.
 */
export async function placeRealPrograms(
  folder: string,
  { daprVersion }: { daprVersion: string },
): Promise<string> {
  const path = join(folder, 'programs');
  await mkdir(path, { recursive: true });
  await symlink(await obtainKubernetesProgram('kubectl'), join(path, 'kubectl'));
  const helm = join(path, 'helm');
  await writeFile(
    helm,
    [
      '#!/bin/bash',
      `if [[ $1 == list || $1 == uninstall ]]; then exec '${await obtainKubernetesProgram('helm')}' "$@"; fi`,
      '[[ " $* " == *" dapr --repo "* ]] || exit 0',
      'words=()',
      'while [[ $# -gt 0 ]]; do',
      '  case $1 in',
      `    --repo) words[-1]='${await daprChartFolder(daprVersion)}'; shift ;;`,
      '    --version) shift ;;',
      '    *) words+=("$1") ;;',
      '  esac',
      '  shift',
      'done',
      `exec '${await obtainKubernetesProgram('helm')}' "\${words[@]}"`,
      '',
    ].join('\n'),
  );
  // No repository is reachable.
  const git = join(path, 'git');
  await writeFile(git, '#!/bin/bash\nexit 1\n');
  for (const program of [helm, git]) await chmod(program, 0o755);
  return path;
}
