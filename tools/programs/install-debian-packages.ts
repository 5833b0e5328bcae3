import { access, constants } from 'node:fs/promises';
import { runInForeground } from './run-in-foreground.js';
import { runProgram } from './run-program.js';

const aptGet = '/usr/bin/apt-get';

/** Whether `installDebianPackages` can work on this machine. */
export async function canInstallDebianPackages(): Promise<boolean> {
  return (
    process.getuid?.() === 0 &&
    (await access(aptGet, constants.X_OK).then(
      () => true,
      () => false,
    ))
  );
}

/** Installs Debian packages on this machine. apt-get prints its own progress. Requires root, and rejects if apt-get fails. */
export async function installDebianPackages(packages: readonly string[]): Promise<void> {
  console.error(`Installing ${packages.join(', ')} with apt-get ...`);
  for (const step of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
    const code = await runInForeground(aptGet, step, {
      cwd: '/',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (code !== 0) throw new Error(`apt-get ${step[0] ?? ''} ended with code ${code}`);
  }
}

/** Installs those of the packages that are missing. Rejects if there are such, and nothing can install them. */
export async function requireDebianPackages(packages: readonly string[]): Promise<void> {
  const states = await runProgram('dpkg-query', ['--show', '--showformat', '${Package} ${Status}\n']).catch(
    () => '',
  );
  const installed = states.split('\n');
  const missing = packages.filter((name) => !installed.includes(`${name} install ok installed`));
  if (missing.length === 0) return;
  if (!(await canInstallDebianPackages()))
    throw new Error(`${missing.join(', ')} must be installed, which requires root and apt-get.`);
  await installDebianPackages(missing);
}
