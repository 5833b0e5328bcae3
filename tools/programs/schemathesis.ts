import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorText } from './error-text.js';
import { defaultCacheRoot, installFolder } from './cache.js';
import { progressOn } from './progress.js';
import { runProgram } from './run-program.js';

/** A Python program and the environment to run it in. */
export type PythonProgram = { command: string; args: readonly string[]; env: NodeJS.ProcessEnv };

/** The versions of Schemathesis and its dependencies. */
const requirementsFile = fileURLToPath(new URL('schemathesis-requirements.txt', import.meta.url));

const python = 'python3';

/**
 * Obtains Schemathesis, which tests an API against its OpenAPI document, from the cache or with pip. Rejects with the reason if
 * Python is missing or a package cannot be downloaded.
 */
export async function obtainSchemathesis(cacheRoot = defaultCacheRoot()): Promise<PythonProgram> {
  const stated = await runProgram(python, ['--version']).catch((error: unknown) => {
    throw new Error(
      `Schemathesis requires Python, and ${python} could not be run (${errorText(error)}). Install Python 3 with pip.`,
    );
  });
  const requirements = await readFile(requirementsFile, 'utf8');
  // Some packages are compiled for one version of Python.
  const pin = createHash('sha256').update(`${stated}${requirements}`).digest('hex').slice(0, 8);
  const packages = await installFolder(cacheRoot, join('schemathesis', pin), fetchPackages);
  const path = [packages, process.env['PYTHONPATH']].filter(Boolean).join(delimiter);
  return { command: python, args: ['-m', 'schemathesis.cli'], env: { ...process.env, PYTHONPATH: path } };
}

async function fetchPackages(folder: string): Promise<void> {
  await progressOn(process.stderr).during('Downloading Schemathesis with pip', () =>
    runProgram(python, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--only-binary=:all:',
      '--target',
      folder,
      '--requirement',
      requirementsFile,
    ]).catch((error: unknown) => {
      throw new Error(
        `pip could not download Schemathesis (${errorText(error)}). Check the connection to the package index.`,
      );
    }),
  );
}
