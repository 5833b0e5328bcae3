import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorText } from './error-text.js';
import { defaultCacheRoot, installFolder } from './cache.js';
import { debianProgram, shellcheckPackages } from './debian-programs.js';
import { obtainGoProgram } from './go-programs.js';
import { executableName } from './platform.js';
import { progressOn } from './progress.js';
import { runProgram } from './run-program.js';
import { versions } from './versions.js';

/** A program and the environment to run it in. */
export type WorkflowLinter = { command: string; env: NodeJS.ProcessEnv };

/** The version of zizmor and the hashes of its files. */
const zizmorRequirements = fileURLToPath(new URL('zizmor-requirements.txt', import.meta.url));

const python = 'python3';

/**
 * Obtains actionlint, which checks the syntax of workflows, and ShellCheck, which it uses for `run` blocks. Rejects with the reason
 * if one of them is unavailable. Without ShellCheck, actionlint would skip the `run` blocks silently.
 */
export async function obtainActionlint(): Promise<WorkflowLinter> {
  const command = await obtainGoProgram({
    name: 'actionlint',
    module: 'github.com/rhysd/actionlint',
    version: `v${versions.actionlint}`,
    packages: { actionlint: 'github.com/rhysd/actionlint/cmd/actionlint' },
    takes: 'about half a minute on two cores',
  });
  const { tree, env } = await debianProgram(shellcheckPackages);
  const path = [join(tree, 'usr/bin'), env['PATH']].filter(Boolean).join(delimiter);
  return { command, env: { ...env, PATH: path } };
}

/**
 * Obtains zizmor, which finds security problems in workflows, from the cache or with pip. Rejects with the reason if Python is
 * missing or the package cannot be downloaded.
 */
export async function obtainZizmor(cacheRoot = defaultCacheRoot()): Promise<WorkflowLinter> {
  const requirements = await readFile(zizmorRequirements, 'utf8');
  const pin = createHash('sha256').update(requirements).digest('hex').slice(0, 8);
  const packages = await installFolder(cacheRoot, join('zizmor', pin), fetchZizmor);
  return { command: join(packages, 'bin', executableName('zizmor')), env: process.env };
}

async function fetchZizmor(folder: string): Promise<void> {
  await progressOn(process.stderr).during('Downloading zizmor with pip', () =>
    runProgram(python, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--only-binary=:all:',
      '--require-hashes',
      '--target',
      folder,
      '--requirement',
      zizmorRequirements,
    ]).catch((error: unknown) => {
      throw new Error(
        `pip could not download zizmor (${errorText(error)}). Check Python and the connection to the package index.`,
      );
    }),
  );
}
