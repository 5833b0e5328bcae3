import { access, constants } from 'node:fs/promises';

/** Where distributions and Google install a browser that tests can drive, in the order of preference. */
const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * The path of a Chromium or Chrome: what CHROMIUM_PATH names, else the first usual one that can be executed, or undefined.
 * Rejects when CHROMIUM_PATH names something that cannot be executed, rather than testing with another browser.
 */
export async function findChromium(
  env: NodeJS.ProcessEnv = process.env,
  paths: readonly string[] = usualPaths,
): Promise<string | undefined> {
  const named = env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return named;
    throw new Error(`CHROMIUM_PATH is ${named}, which is not a program`);
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
