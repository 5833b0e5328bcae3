import { access, constants } from 'node:fs/promises';

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

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
