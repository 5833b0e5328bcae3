import { access, constants } from 'node:fs/promises';
import { findChromium } from './chromium.js';
import { runInForeground } from './run-in-foreground.js';

/**
 * Resolves to the path of Chromium or Chrome. If there is none, installs Debian's package, which requires root and apt-get.
 * Rejects with what to install otherwise.
 */
export async function requireChromium(cwd: string): Promise<string> {
  const present = await findChromium();
  if (present !== undefined) return present;
  if (!(await canInstall()))
    throw new Error(
      'The browser tests require Chromium or Chrome. Install one (Debian and Ubuntu: apt-get install chromium), or set ' +
        'CHROMIUM_PATH to its program, or run only the unit tests: npm run test:unit',
    );
  console.error('Chromium is not installed. Installing the package chromium with apt-get ...');
  for (const step of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    const code = await runInForeground('apt-get', step, {
      cwd,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (code !== 0) throw new Error(`apt-get ${step[0] ?? ''} ended with code ${code}`);
  }
  const installed = await findChromium();
  if (installed === undefined)
    throw new Error('The package chromium was installed, but /usr/bin/chromium does not exist.');
  return installed;
}

async function canInstall(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  return access('/usr/bin/apt-get', constants.X_OK).then(
    () => true,
    () => false,
  );
}
