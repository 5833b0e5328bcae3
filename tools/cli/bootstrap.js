/**
 * The entry of every npm script. It checks Node's version and the arguments, installs the dependencies when they differ from
 * package-lock.json, and then runs what command-table.js says. Plain JavaScript without dependencies, because it runs
 * before any are installed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import util from 'node:util';
import { commands } from './command-table.js';
import { helpText, listText } from './help-text.js';

/** @typedef {import('./command-table.js').Command} Command */

const root = fileURLToPath(new URL('../..', import.meta.url));
const stampFile = `${root}node_modules/.install-stamp`;

/** Jest 30 and ESLint 10 require it; with older versions they fail later, with unclear messages. */
const nodeMinimum = /** @type {const} */ ([20, 19]);

/** How soon the end of the parent process is noticed. */
const orphanCheckMs = 500;

/** sysexits.h: the command was used incorrectly. */
const usageError = 64;

/** What `npm ci` installs: what only running the shop needs, which is a third, or everything. */
const installArguments = {
  running: [
    '--omit=dev',
    ...['storefront', 'purchase-service', 'tools', 'contracts', 'numbered-log', 'service-kit'].map(
      (name) => `--workspace=@unity-purchase/${name}`,
    ),
  ],
  all: [],
};

process.exitCode = await main(process.argv.slice(2));

/** @param {readonly string[]} args The command and its arguments. Resolves to the exit code. */
async function main([name, ...args]) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < nodeMinimum[0] || (major === nodeMinimum[0] && minor < nodeMinimum[1])) {
    console.error(
      `Node ${nodeMinimum.join('.')} or newer is required. This is Node ${process.versions.node}.`,
    );
    return 1;
  }
  if (name === 'help') {
    console.log(listText());
    return 0;
  }
  const command = commandNamed(name);
  if (name === undefined || command === undefined) {
    console.error(name === undefined ? 'A command is required.' : `There is no command "${name}".`);
    console.error(listText());
    return usageError;
  }
  if (args.includes('--help')) {
    console.log(helpText(name, command));
    return 0;
  }
  const problem = problemIn(args, command);
  if (problem !== undefined) {
    console.error(`${problem}\n\n${helpText(name, command)}`);
    return usageError;
  }
  const installed = await installDependencies(major, command);
  return installed === 0 ? runAll(command, args) : installed;
}

/**
 * @param {string | undefined} name
 * @returns {Command | undefined}
 */
function commandNamed(name) {
  /** @type {Readonly<Record<string, Command>>} */
  const all = commands;
  return name !== undefined && Object.hasOwn(all, name) ? all[name] : undefined;
}

/**
 * The message about arguments that the command does not take.
 *
 * @param {readonly string[]} args
 * @param {Command} command
 */
function problemIn(args, { options = {}, positionals, passesArgumentsTo }) {
  if (passesArgumentsTo !== undefined) return undefined;
  try {
    util.parseArgs({ args: [...args], options, allowPositionals: positionals !== undefined });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Runs the command's files one after the other; the first that fails is the last.
 *
 * @param {Command} command
 * @param {readonly string[]} args
 */
async function runAll({ runs }, args) {
  for (const [file, ...fixed] of runs) {
    const loader = file.endsWith('.ts') ? ['--import', 'tsx', '--conditions=@unity-purchase/source'] : [];
    const code = await run(process.execPath, [...loader, `${root}${file}`, ...fixed, ...args]);
    if (code !== 0) return code;
  }
  return 0;
}

/**
 * Installs what the command needs, unless it is there. Native modules depend on Node's major version, so the stamp contains it. Where
 * everything was installed before, everything is installed again.
 *
 * @param {number} nodeMajor
 * @param {Command} command
 */
async function installDependencies(nodeMajor, { dependencies = 'all' }) {
  const lock = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
  const current = `${lock} node ${nodeMajor}`;
  const [, installedFor = '', installed = ''] = /^(.*) (running|all)$/.exec(readStamp()) ?? [];
  if (installedFor === current && (installed === 'all' || dependencies === 'running')) return 0;
  const wanted = installed === 'all' ? 'all' : dependencies;
  console.error(
    `Installing ${wanted === 'all' ? 'the dependencies in package-lock.json' : 'what the shop needs'} (npm ci) ...`,
  );
  // npm is a .cmd file on Windows, which only a shell can start.
  const code = await run('npm', ['ci', ...installArguments[wanted]], { shell: process.platform === 'win32' });
  if (code === 0) writeFileSync(stampFile, `${current} ${wanted}`);
  return code;
}

function readStamp() {
  try {
    return readFileSync(stampFile, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Runs a program in the foreground and resolves to its exit code. After a signal, it is 128 plus the number of the signal.
 * Ctrl-C in a terminal also reaches the child. This process only waits, so that the prompt returns when everything has
 * stopped.
 *
 * @param {string} program A path, or a name on the PATH.
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>}
 */
function run(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', ...options });
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => child.kill(signal);
    process.on('SIGINT', forward);
    process.on('SIGTERM', forward);
    const orphaned = watchForOrphaning(() => child.kill('SIGTERM'));
    /** @param {number} code */
    const finish = (code) => {
      process.off('SIGINT', forward);
      process.off('SIGTERM', forward);
      clearInterval(orphaned);
      resolve(code);
    };
    child.on('error', (error) => {
      console.error(`${program} could not be started: ${error.message}`);
      finish(127);
    });
    child.on('exit', (code, signal) => finish(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
  });
}

/**
 * npm ends on a signal without passing it on. A process that has lost its parent therefore stops, too.
 *
 * @param {() => void} stop
 */
function watchForOrphaning(stop) {
  const parent = process.ppid;
  return setInterval(() => {
    if (process.ppid !== parent) stop();
  }, orphanCheckMs);
}
