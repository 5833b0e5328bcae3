import { access, constants } from 'node:fs/promises';
import { findChromium } from './chromium.js';
import { runInForeground } from './run-in-foreground.js';

/**
 * The path of a Chromium: one that is there, else Debian's package, installed where this is root on a system with apt-get.
 * Rejects elsewhere, saying what to install.
 */
export async function requireChromium(cwd: string): Promise<string> {
  const present = await findChromium();
  if (present !== undefined) return present;
  if (!(await canInstall()))
    throw new Error(
      'The browser tests need Chromium or Chrome. Install one (Debian and Ubuntu: apt-get install chromium), or name its ' +
        'program in CHROMIUM_PATH, or leave these tests out: npm run test:unit',
    );
  console.error('No Chromium on this machine: installing the package chromium with apt-get ...');
  for (const step of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    const code = await runInForeground('apt-get', step, {
      cwd,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (code !== 0) throw new Error(`apt-get ${step[0] ?? ''} ended with code ${code}`);
  }
  const installed = await findChromium();
  if (installed === undefined) throw new Error('The package chromium has no /usr/bin/chromium.');
  return installed;
}

async function canInstall(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  return access('/usr/bin/apt-get', constants.X_OK).then(
    () => true,
    () => false,
  );
}
