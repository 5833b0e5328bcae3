/**
 * The one entry of every npm script: checks Node, installs the dependencies when they are not those of package-lock.json,
 * then runs a command written in TypeScript. Plain JavaScript without dependencies, because it runs before there are any.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const stampFile = `${root}node_modules/.install-stamp`;

/** Jest 30 and ESLint 10 need it; older versions fail later with messages that do not say so. */
const nodeMinimum = [20, 19];

/** How soon a lost parent is noticed. */
const orphanCheckMs = 500;

const commands = {
  start: 'Start the whole system on this machine; --broker NAME, --store NAME',
  test: 'Run every test; --unit or --e2e for one part, the rest goes to Jest',
  'test-matrix': 'Try every promise on every broker and store; names of pairs, --check or --update',
  'test-chaos': 'Buy while everything is killed in turn, and reconcile; --minutes, --seed, --broker, --store',
  'test-api': 'Try both APIs with what their documents allow and forbid; needs Python; --seed, --examples',
  'test-k8s': 'Prove the Kubernetes manifests, without a cluster; needs Go',
  'test-release': 'Rehearse releases with a git server and a registry of their own; needs Go',
  'check-workflows': 'Read the workflows with actionlint and zizmor; needs Go and Python',
  release: 'One step of a release: guard, arguments, digest, combine, verify, start, bump, rollback, confirm',
  'build-images': 'Build the images of both services, as files; --service, --platform, --folder, --stand-ins',
  'test-images': 'Build both images, run them with their sidecars and buy something; needs podman; --write',
  infra: 'Start, stop or look at brokers and databases in the background: up NAME..., down, status',
  provision: 'Create the topics, streams or queues that purchases need; --broker NAME',
  'dead-letters': 'Look at what could not be recorded, replay it or discard it: list, show, replay, discard',
  shoppers: 'Export or erase all that is kept about one shopper: export, erase',
  setup: 'Obtain the runtime and the local secrets without starting anything',
};

process.exitCode = await main(process.argv.slice(2));

async function main([command, ...flags]) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < nodeMinimum[0] || (major === nodeMinimum[0] && minor < nodeMinimum[1])) {
    console.error(`Node ${nodeMinimum.join('.')} or newer is needed; this is ${process.versions.node}.`);
    return 1;
  }
  if (command === undefined || !Object.hasOwn(commands, command)) {
    console.error(command === undefined ? 'Which command?' : `There is no command "${command}".`);
    for (const [name, purpose] of Object.entries(commands)) console.error(`  ${name.padEnd(12)} ${purpose}`);
    return 64;
  }
  const installed = await installDependencies(major);
  if (installed !== 0) return installed;
  const script = fileURLToPath(new URL(`commands/${command}.ts`, import.meta.url));
  const loader = ['--import', 'tsx', '--conditions=@unity-purchase/source'];
  return run(process.execPath, [...loader, script, ...flags]);
}

/** Native modules depend on Node's major version, so it is part of what the installation is for. */
async function installDependencies(nodeMajor) {
  const lock = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
  const wanted = `${lock} node ${nodeMajor}\n`;
  if (readStamp() === wanted) return 0;
  console.error('Installing the dependencies of package-lock.json (npm ci) ...');
  // npm is a .cmd file on Windows, which only a shell can start.
  const code = await run('npm', ['ci'], { shell: process.platform === 'win32' });
  if (code === 0) writeFileSync(stampFile, wanted);
  return code;
}

function readStamp() {
  try {
    return readFileSync(stampFile, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Runs a program in the foreground and resolves to its exit code (128 + n for signal n). A terminal's Ctrl-C reaches the
 * child as well; this process only waits, so that the prompt comes back when everything has stopped.
 */
function run(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', ...options });
    const forward = (signal) => child.kill(signal);
    process.on('SIGINT', forward);
    process.on('SIGTERM', forward);
    const orphaned = watchForOrphaning(() => child.kill('SIGTERM'));
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
    child.on('exit', (code, signal) => finish(code ?? 128 + constants.signals[signal]));
  });
}

/** npm that is told to end does so without a word to what it started: whoever lost their parent stops, too. */
function watchForOrphaning(stop) {
  const parent = process.ppid;
  return setInterval(() => {
    if (process.ppid !== parent) stop();
  }, orphanCheckMs);
}
