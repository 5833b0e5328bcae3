import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInForeground } from '../programs/run-in-foreground.js';
import { exists } from '../programs/exists.js';
import { defaultCacheRoot } from '../programs/cache.js';
import { runProgram, type ProgramOptions } from '../programs/run-program.js';

/** A podman of our own: its images, containers and networks are nobody else's. */
export type Podman = {
  /** Runs one command of podman to its end and resolves to what it printed. */
  run: (args: readonly string[], options?: Pick<ProgramOptions, 'timeoutMs' | 'cwd'>) => Promise<string>;
  /** As `run`, and answers instead of rejecting. */
  succeeds: (args: readonly string[]) => Promise<boolean>;
  /** For a podman that is started in another way. */
  env: NodeJS.ProcessEnv;
};

/** What podman needs of Debian. netavark and aardvark-dns are its networks and its names. */
const packages = ['podman', 'runc', 'conmon', 'netavark', 'aardvark-dns', 'iptables'];

/**
 * A podman with a store in the cache: the one that is installed, else Debian's, installed where this is root on a system with
 * apt-get. Rejects elsewhere, saying what is missing.
 */
export async function openPodman(cacheRoot = defaultCacheRoot()): Promise<Podman> {
  if (process.platform !== 'linux') throw new Error('containers are run on Linux only.');
  if (process.getuid?.() !== 0)
    throw new Error('networks between containers need root, and this is somebody else.');
  if (!(await isInstalled())) await installPackages();
  const folder = join(cacheRoot, 'containers');
  const env = { ...process.env, ...(await configure(folder)) };
  const run: Podman['run'] = (args, options = {}) => runProgram('podman', args, { ...options, env });
  await run(['info']);
  return {
    env,
    run,
    succeeds: (args) =>
      run(args).then(
        () => true,
        () => false,
      ),
  };
}

async function isInstalled(): Promise<boolean> {
  return runProgram('podman', ['--version']).then(
    () => true,
    () => false,
  );
}

async function installPackages(): Promise<void> {
  await access('/usr/bin/apt-get', constants.X_OK).catch(() => {
    throw new Error('there is no podman, and no apt-get to install it with.');
  });
  console.error(`No podman on this machine: installing ${packages.join(', ')} with apt-get ...`);
  for (const step of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
    const code = await runInForeground('apt-get', step, {
      cwd: '/',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (code !== 0) throw new Error(`apt-get ${step[0] ?? ''} ended with code ${code}`);
  }
}

/** Writes podman's configuration and resolves to the environment that names it: nothing of the machine's own is read. */
async function configure(folder: string): Promise<NodeJS.ProcessEnv> {
  const text = (value: string): string => JSON.stringify(value);
  // crun refuses the older way of counting resources, in which runc still works.
  const runtime = (await exists('/sys/fs/cgroup/cgroup.controllers')) ? undefined : 'runc';
  const containers = [
    '[containers]',
    // The default asks for more than a machine may allow.
    'default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]',
    'log_driver = "k8s-file"',
    '[engine]',
    // There may be no systemd.
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
    // The other kind is one for the whole machine.
    'lock_type = "file"',
    `static_dir = ${text(join(folder, 'static'))}`,
    `tmp_dir = ${text(join(folder, 'tmp'))}`,
    `volume_path = ${text(join(folder, 'volumes'))}`,
    ...(runtime === undefined ? [] : [`runtime = ${text(runtime)}`]),
    '[network]',
    'network_backend = "netavark"',
    `network_config_dir = ${text(join(folder, 'networks'))}`,
  ];
  const storage = [
    '[storage]',
    'driver = "overlay"',
    `graphroot = ${text(join(folder, 'store'))}`,
    `runroot = ${text(join(folder, 'run'))}`,
  ];
  const files = { CONTAINERS_CONF: 'containers.conf', CONTAINERS_STORAGE_CONF: 'storage.conf' };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, files.CONTAINERS_CONF), `${containers.join('\n')}\n`);
  await writeFile(join(folder, files.CONTAINERS_STORAGE_CONF), `${storage.join('\n')}\n`);
  return Object.fromEntries(Object.entries(files).map(([name, file]) => [name, join(folder, file)]));
}
