/**
 * Runs an app and restarts it when a file changes: `node restart-on-change.js FOLDER_OR_FILE... -- ARGUMENTS OF NODE...`.
 * The next run is already waiting, with its dependencies loaded, so a restart takes about a second. When the app ends with an
 * error, the next change starts it again. Node's own watch mode loads the dependencies again each time.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One save arrives as several events. */
const settleMs = 50;

const preload = fileURLToPath(new URL('preload.js', import.meta.url));
const separator = process.argv.indexOf('--');
const watched = process.argv.slice(2, separator);
const nodeArguments = process.argv.slice(separator + 1);
const script = nodeArguments.at(-1) ?? '';

let standby = prepare();
let app = release();
/** @type {NodeJS.Timeout | undefined} */
let settling;
let restarting = Promise.resolve();

for (const path of watched)
  watch(path, { recursive: true }, () => {
    clearTimeout(settling);
    settling = setTimeout(() => (restarting = restarting.then(restart)), settleMs);
  });
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.on(signal, () => void stop(signal));

/** A process that waits before its first line of the app. */
function prepare() {
  return fork(script, {
    execArgv: [...nodeArguments.slice(0, -1), '--import', preload],
    env: process.env,
  });
}

/** Lets the waiting process run, and prepares the next. */
function release() {
  const next = standby.connected ? standby : prepare();
  next.send('start');
  next.once('exit', (code) => {
    if (code !== 0 && code !== null)
      console.error(`${script} exited with ${code}. The next change starts it again.`);
  });
  standby = prepare();
  return next;
}

async function restart() {
  console.log(`${script} restarts.`);
  await end(app, 'SIGTERM');
  app = release();
}

/** @param {NodeJS.Signals} signal */
async function stop(signal) {
  standby.kill('SIGKILL');
  process.exit(await end(app, signal));
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
async function end(child, signal) {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
  return child.exitCode ?? 1;
}
