import { access, constants } from 'node:fs/promises';
import { canInstallDebianPackages, installDebianPackages } from './install-debian-packages.js';

/** The usual paths of browsers that the tests can drive, in order of preference. */
const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Finds Chromium or Chrome: the program in CHROMIUM_PATH, or else the first executable one of the usual paths. Resolves to
 * undefined if there is none. Rejects if CHROMIUM_PATH is not executable, instead of testing with another browser.
 */
export async function findChromium(
  env: NodeJS.ProcessEnv = process.env,
  paths: readonly string[] = usualPaths,
): Promise<string | undefined> {
  const configured = env['CHROMIUM_PATH'];
  if (configured !== undefined && configured !== '') {
    if (await isExecutable(configured)) return configured;
    throw new Error(
      `CHROMIUM_PATH is ${configured}, which is not an executable program. Correct it or unset it.`,
    );
  }
  for (const path of paths) if (await isExecutable(path)) return path;
  return undefined;
}

/**
 * Resolves to the path of Chromium or Chrome. If there is none, installs Debian's package, which requires root and apt-get.
 * Rejects with what to install otherwise.
 */
export async function requireChromium(): Promise<string> {
  const present = await findChromium();
  if (present !== undefined) return present;
  if (!(await canInstallDebianPackages()))
    throw new Error(
      'The browser tests require Chromium or Chrome. Install one (Debian and Ubuntu: apt-get install chromium), or set ' +
        'CHROMIUM_PATH to its program, or run only the unit tests: npm run test:unit',
    );
  await installDebianPackages(['chromium']);
  const installed = await findChromium();
  if (installed === undefined)
    throw new Error('The package chromium was installed, but /usr/bin/chromium does not exist.');
  return installed;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
