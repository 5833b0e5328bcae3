/**
 * Loaded before an app that waits as a standby: it imports the app's dependencies and then holds the app back until the parent
 * process sends a message. Dependencies take most of an app's start.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { delimiter } from 'node:path';

const start = once(process, 'message');
const files = (process.env['PRELOAD_DEPENDENCIES_OF'] ?? '').split(delimiter).filter(Boolean);
const names = await Promise.all(files.map(dependenciesIn));
// A dependency without a main file cannot be imported alone. The app imports what it needs of it.
await Promise.allSettled(names.flat().map((name) => import(name)));
await start;
process.disconnect();

/** @param {string} file A package.json. */
async function dependenciesIn(file) {
  const { dependencies = {} } = JSON.parse(await readFile(file, 'utf8'));
  return Object.keys(dependencies).filter((name) => !name.startsWith('@unity-purchase/'));
}
