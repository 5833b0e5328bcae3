import { rename, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { profileFileOf, profileFolderVariable } from './profile-files.js';

/**
 * Loaded into a service that is profiled. Every SIGURG, which the services do not use, starts a CPU profile, or ends it and writes
 * it to the folder in the environment.
 */
const folder = process.env[profileFolderVariable];
const session = new Session();
session.connect();
await session.post('Profiler.enable');
let isRunning = false;

process.on('SIGURG', () => {
  void toggle();
});

async function toggle(): Promise<void> {
  if (folder === undefined) throw new TypeError(`${profileFolderVariable} is missing`);
  if (isRunning) {
    const { profile } = await session.post('Profiler.stop');
    const file = join(folder, profileFileOf(process.pid));
    // A reader that waits for the file finds all of it.
    await writeFile(`${file}.part`, JSON.stringify(profile));
    await rename(`${file}.part`, file);
  } else await session.post('Profiler.start');
  isRunning = !isRunning;
}
