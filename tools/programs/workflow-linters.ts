import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorText } from './error-text.js';
import { defaultCacheRoot, installFolder } from './cache.js';
import { debianProgram } from './debian-programs.js';
import { obtainGoProgram } from './go-programs.js';
import { executableName } from './platform.js';
import { progressOn } from './progress.js';
import { runProgram } from './run-program.js';
import { versions } from './versions.js';

/** A program with the environment that it needs. */
export type WorkflowLinter = { command: string; env: NodeJS.ProcessEnv };

/** Its version, and what its files must hash to. */
const zizmorRequirements = fileURLToPath(new URL('zizmor-requirements.txt', import.meta.url));

const python = 'python3';

/**
 * actionlint, which knows what a workflow may say, with ShellCheck for what is in its `run` blocks. Rejects, saying why,
 * where one of the two cannot be had: without ShellCheck it would pass in silence what nobody looked at.
 */
export async function obtainActionlint(): Promise<WorkflowLinter> {
  const command = await obtainGoProgram({
    name: 'actionlint',
    module: 'github.com/rhysd/actionlint',
    version: `v${versions.actionlint}`,
    packages: { actionlint: 'github.com/rhysd/actionlint/cmd/actionlint' },
    takes: 'about half a minute on two cores',
  });
  const { tree, env } = await debianProgram('shellcheck');
  const path = [join(tree, 'usr/bin'), env['PATH']].filter(Boolean).join(delimiter);
  return { command, env: { ...env, PATH: path } };
}

/**
 * zizmor, which knows how workflows are attacked: from the cache, or by pip. Rejects, saying why, where Python is missing or
 * the package cannot be had.
 */
export async function obtainZizmor(cacheRoot = defaultCacheRoot()): Promise<WorkflowLinter> {
  const requirements = await readFile(zizmorRequirements, 'utf8');
  const pin = createHash('sha256').update(requirements).digest('hex').slice(0, 8);
  const packages = await installFolder(cacheRoot, join('zizmor', pin), fetchZizmor);
  return { command: join(packages, 'bin', executableName('zizmor')), env: process.env };
}

async function fetchZizmor(folder: string): Promise<void> {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
  await progressOn(process.stderr).during('Fetching zizmor with pip', () =>
    runProgram(python, [
      ...[...pip, '--only-binary=:all:', '--require-hashes'],
      ...['--target', folder, '--requirement', zizmorRequirements],
    ]).catch((error: unknown) => {
      throw new Error(`zizmor could not be fetched with pip (${errorText(error)}).`);
    }),
  );
}
