import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCacheRoot } from '../programs/cache.js';
import { exists } from '../programs/exists.js';
import { canInstallDebianPackages, installDebianPackages } from '../programs/install-debian-packages.js';
import { runProgram, type ProgramOptions } from '../programs/run-program.js';

/** A podman with its own images, containers and networks, separate from those of the machine. */
export type Podman = {
  /** Runs one command of podman to its end and resolves to what it printed. */
  run: (args: readonly string[], options?: Pick<ProgramOptions, 'timeoutMs' | 'cwd'>) => Promise<string>;
  /** As `run`, but resolves to whether the command succeeded. */
  succeeds: (args: readonly string[]) => Promise<boolean>;
  /** The environment for starting this podman in another way. */
  env: NodeJS.ProcessEnv;
};

/** The Debian packages of podman. netavark provides its networks, aardvark-dns the host names in them. */
const packages = ['podman', 'runc', 'conmon', 'netavark', 'aardvark-dns', 'iptables'];

/**
 * Opens a podman that keeps its images in the cache. If podman is missing, installs it with apt-get. Requires root on Linux, and
 * rejects with what is missing.
 */
export async function openPodman(cacheRoot = defaultCacheRoot()): Promise<Podman> {
  if (process.platform !== 'linux') throw new Error('Running containers requires Linux.');
  if (process.getuid?.() !== 0)
    throw new Error('Networks between containers require root. Run this as root.');
  if (!(await isInstalled())) {
    if (!(await canInstallDebianPackages()))
      throw new Error('podman is not installed, and neither is apt-get to install it with. Install podman.');
    await installDebianPackages(packages);
  }
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

/** Writes podman's configuration and resolves to the environment that selects it instead of the machine's own. */
async function configure(folder: string): Promise<NodeJS.ProcessEnv> {
  const text = (value: string): string => JSON.stringify(value);
  // crun does not support cgroups v1, but runc does.
  const runtime = (await exists('/sys/fs/cgroup/cgroup.controllers')) ? undefined : 'runc';
  const containers = [
    '[containers]',
    // The default is higher than some machines allow.
    'default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]',
    'log_driver = "k8s-file"',
    '[engine]',
    // The machine may not run systemd.
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
    // Shared memory locks would be shared with other podmans of the machine.
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
